import type { Readable } from 'node:stream'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { mxcUri } from '../../protocol/identifiers/mxc-uri.ts'
import { findMedia } from '../../storage/media/media-reader.ts'
import { exceedsLimit, reserveMedia, storeUpload, type NewContent } from '../../storage/media/media-writer.ts'
import { StreamTooLargeError, type StagedFile } from '../../storage/media/blobs/staging.ts'
import type { MediaNid } from '../../storage/numeric-ids.ts'
import type { LocalUser } from '../accounts/sessions.ts'
import { noSuchMedia, uploadTooLarge } from './media-errors.ts'
import type { MediaServices } from './media-services.ts'
import { newMediaId } from './new-media-id.ts'
import { THUMBNAIL_JOB } from './thumbnails/thumbnail-job.ts'
import { storeContent, type FileLabel } from './store-file.ts'

/** A file that is coming in. */
export interface Upload extends FileLabel {
  readonly body: Readable
  /** What the sender says that it will be; undefined where it does not. */
  readonly announcedBytes: number | undefined
}

/**
 * Stores what a user uploads. When the promise is fulfilled, the bytes are durable and the row is committed.
 *
 * @returns its content URI.
 * @throws MatrixError 413 M_TOO_LARGE as soon as too much is announced or has come; 403 M_FORBIDDEN when the user has
 *   used up what `media_upload_limits` gives; 400 when the upload breaks off.
 */
export async function upload(services: MediaServices, user: LocalUser, incoming: Upload): Promise<string> {
  const mediaId = newMediaId()
  await receive(services, user, incoming, { mediaId })
  return mxcUri(services.serverName, mediaId)
}

/** A content URI without content. */
export interface ReservedUri {
  readonly uri: string
  /** Until when content may come, in ms since the epoch. */
  readonly expiresTs: number
}

/** Reserves a content URI. @throws MatrixError 429 M_LIMIT_EXCEEDED by rate, and while too many wait for content. */
export async function createMedia(services: MediaServices, user: LocalUser): Promise<ReservedUri> {
  const { config, limits, queries, interner, serverName } = services
  limits.mediaCreate.consume(user.userId)
  const now = services.now()
  const expiresTs = now + config.pendingLifetimeMs
  const mediaId = newMediaId()
  const serverNid = await interner.serverNid(serverName)
  const wanted = { serverNid, mediaId, uploaderNid: user.userNid, expiresTs, now }
  if (await reserveMedia(queries, wanted, config.maxPending)) {
    return { uri: mxcUri(serverName, mediaId), expiresTs }
  }
  throw new MatrixError(
    429,
    'M_LIMIT_EXCEEDED',
    'Too many of your content URIs wait for their content; upload to them first',
    { retry_after_ms: config.pendingLifetimeMs },
  )
}

/**
 * Stores the content of a reserved URI.
 *
 * @throws MatrixError as `upload`; 404 M_NOT_FOUND for what was never reserved here or has expired; 403 M_FORBIDDEN for
 *   what another user has reserved; 409 M_CANNOT_OVERWRITE_MEDIA when it has content.
 */
export async function uploadTo(
  services: MediaServices,
  user: LocalUser,
  { serverName, mediaId }: { serverName: string; mediaId: string },
  incoming: Upload,
): Promise<void> {
  const { queries, interner, now } = services
  const unknown = noSuchMedia('This content URI was not created here, or it has expired')
  if (serverName !== services.serverName) throw unknown
  const media = await findMedia(queries, await interner.serverNid(serverName), mediaId)
  if (!media || media.state === 'removed') throw unknown
  if (media.uploaderNid !== user.userNid) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'This content URI was created by another user')
  }
  if (media.state === 'stored') throw cannotOverwrite()
  if (media.expiresTs <= now()) throw unknown
  await receive(services, user, incoming, { mediaId, reserved: media.nid })
  services.arrivals.announce(media.nid)
}

async function receive(
  services: MediaServices,
  user: LocalUser,
  incoming: Upload,
  target: { mediaId: string; reserved?: MediaNid },
): Promise<void> {
  const { config, queries, interner, serverName, now } = services
  const announced = incoming.announcedBytes ?? 0
  if (announced > config.maxUploadBytes) throw uploadTooLarge(config.maxUploadBytes)
  if (await exceedsLimit(queries, user.userNid, announced, now(), config.uploadLimits)) throw overLimit()
  await using staged = await stage(services, incoming)
  const content = await storeContent(services, staged, incoming)
  const serverNid = await interner.serverNid(serverName)
  const place = { ...target, serverNid, uploaderNid: user.userNid }
  const outcome = await storeUpload(queries, place, content, config.uploadLimits)
  if ('stored' in outcome) return makeThumbnailsLater(services, outcome.stored, content)
  throw outcome.refused === 'taken' ? cannotOverwrite() : overLimit()
}

/** Off the path of the upload. A crash in between costs the first who looks some time, and nothing else. */
async function makeThumbnailsLater(
  { thumbnails, jobs }: MediaServices,
  nid: MediaNid,
  content: NewContent,
): Promise<void> {
  if (thumbnails.isImage(content)) {
    await jobs.schedule({ kind: THUMBNAIL_JOB, payload: nid, runAt: 0 })
  }
}

async function stage({ staging, config }: MediaServices, { body }: Upload): Promise<StagedFile> {
  try {
    return await staging.receive(body, config.maxUploadBytes)
  } catch (error) {
    if (error instanceof StreamTooLargeError) throw uploadTooLarge(config.maxUploadBytes)
    if (body.readableAborted) throw new MatrixError(400, 'M_UNKNOWN', 'The upload ended before it was whole')
    throw error
  }
}

function cannotOverwrite(): MatrixError {
  return new MatrixError(409, 'M_CANNOT_OVERWRITE_MEDIA', 'This content URI has its content already')
}

function overLimit(): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', 'You have uploaded as much as you may for now; try again later')
}
