import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getMediaConfig } from './config.ts'
import { downloadMedia, downloadOldMedia } from './download.ts'
import { thumbnailMedia, thumbnailOldMedia } from './thumbnail.ts'
import { previewUrl } from './preview-url.ts'
import { postCreate, postUpload, putUpload } from './upload.ts'

const CLIENT = '/_matrix/client/v1/media'
const OLD = '/_matrix/media/v3'

/** Downloads with an access token (client-server API, "Content repository"). */
export function mediaRoutes(media: MediaServices, { guest, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(`${CLIENT}/download/:serverName/:mediaId`, guest(downloadMedia(media, false)))
    .get(`${CLIENT}/download/:serverName/:mediaId/:fileName`, guest(downloadMedia(media, true)))
    .get(`${CLIENT}/thumbnail/:serverName/:mediaId`, guest(thumbnailMedia(media)))
    .get(`${CLIENT}/preview_url`, user(previewUrl(media)))
    .get(`${CLIENT}/config`, user(getMediaConfig(media)))
}

/**
 * What has stayed below `/_matrix/media`: uploads, and the deprecated endpoints. They are served to other servers too,
 * which fall back to them.
 */
export function mediaRepositoryRoutes(media: MediaServices, { open, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .post(`${OLD}/upload`, user(postUpload(media)))
    .put(`${OLD}/upload/:serverName/:mediaId`, user(putUpload(media)))
    .post('/_matrix/media/v1/create', user(postCreate(media)))
    .get(`${OLD}/download/:serverName/:mediaId`, open(downloadOldMedia(media, false)))
    .get(`${OLD}/download/:serverName/:mediaId/:fileName`, open(downloadOldMedia(media, true)))
    .get(`${OLD}/thumbnail/:serverName/:mediaId`, open(thumbnailOldMedia(media)))
    .get(`${OLD}/preview_url`, user(previewUrl(media)))
    .get(`${OLD}/config`, user(getMediaConfig(media)))
}
