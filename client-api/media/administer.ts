import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import {
  deleteUnusedUploads,
  deleteUploads,
  mediaInRoom,
  mediaListing,
  purgeCopies,
  uploadsOf,
} from '../../homeserver/media/administer-media.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'
import { flagOf } from '../../homeserver/media/serving/query.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import { MEDIA_ORDERS, type MediaListing, type MediaPage } from '../../storage/media/media-lists.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { listedPart, queryChoice, queryNumber } from '../http/query-values.ts'
import { mxcOf } from './media-request.ts'

const ADMIN = '/_synapse/admin/v1'
/** The end of 1970 in milliseconds: what is smaller is meant in seconds, and would delete nothing. */
const EARLIEST_MS = 30_000_000_000
const ORDERS = Object.keys(MEDIA_ORDERS) as (keyof typeof MEDIA_ORDERS)[]

/** Lists and deletions of media for administrators, in Synapse's form ("Admin API, Media"). */
export function mediaAdministrationRoutes(media: MediaServices, { admin }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(
      `${ADMIN}/media/:serverName/:mediaId`,
      admin(async (request) => {
        const uri = mxcOf(request)
        const isOwn = uri.serverName === media.serverName
        const [info] = await infosOf(media, [await mediaListing(media, uri)])
        const origin = isOwn ? null : uri.serverName
        return json({ media_info: { ...info, media_origin: origin, url_cache: null, filesystem_id: null } })
      }),
    )
    .delete(
      `${ADMIN}/media/:serverName/:mediaId`,
      admin(async (request) => {
        const uri = mxcOf(request)
        requireOwn(media, uri.serverName)
        return deletion(await deleteUploads(media, [await mediaListing(media, uri)]))
      }),
    )
    .post(
      `${ADMIN}/media/delete`,
      admin(async (request) => deletion(await deleteUnusedUploads(media, unusedWish(request)))),
    )
    .post(
      `${ADMIN}/media/:serverName/delete`,
      admin(async (request) => {
        requireOwn(media, request.param('serverName'))
        return deletion(await deleteUnusedUploads(media, unusedWish(request)))
      }),
    )
    .post(
      `${ADMIN}/purge_media_cache`,
      admin(async (request) =>
        json({ deleted: await purgeCopies(media, beforeOf(request), new AbortController().signal) }),
      ),
    )
    .get(
      `${ADMIN}/room/:roomId/media`,
      admin(async (request) => json(await mediaInRoom(media, request.param('roomId')))),
    )
    .get(
      `${ADMIN}/users/:userId/media`,
      admin(async (request) => {
        const page = pageOf(request)
        const found = await uploadsOf(media, await ownUser(media, request), page)
        const end = page.from + found.media.length
        return json({
          media: await infosOf(media, found.media),
          total: found.total,
          ...(end < found.total && found.media.length > 0 && { next_token: end }),
        })
      }),
    )
    .delete(
      `${ADMIN}/users/:userId/media`,
      admin(async (request) => {
        const { media: uploads } = await uploadsOf(media, await ownUser(media, request), pageOf(request))
        return deletion(await deleteUploads(media, uploads))
      }),
    )
}

function requireOwn({ serverName }: MediaServices, given: string): void {
  if (given === serverName) return
  throw new MatrixError(400, 'M_UNKNOWN', 'Only media of this server can be deleted; copies are purged')
}

async function ownUser({ serverName, queries }: MediaServices, request: IncomingRequest): Promise<string> {
  const userId = request.param('userId')
  if (serverOf(userId) !== serverName) {
    throw new MatrixError(400, 'M_UNKNOWN', 'Only users of this server upload here')
  }
  if (userId.includes('\0') || !(await findAccount(queries, userId))) {
    throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such user')
  }
  return userId
}

function beforeOf(request: IncomingRequest): number {
  const before = queryNumber(request, 'before_ts')
  if (before >= EARLIEST_MS) return before
  throw new MatrixError(400, 'M_INVALID_PARAM', '`before_ts` must be in milliseconds since 1970')
}

function unusedWish(request: IncomingRequest) {
  return {
    before: beforeOf(request),
    largerThan: queryNumber(request, 'size_gt', 0),
    keepAvatars: flagOf(request, 'keep_profiles', true),
  }
}

/** The newest first, unless something is said of the order. */
function pageOf(request: IncomingRequest): MediaPage {
  const isOrdered = request.query('order_by') !== undefined || request.query('dir') !== undefined
  return {
    orderBy: queryChoice(request, 'order_by', ORDERS, 'created_ts'),
    descending: queryChoice(request, 'dir', ['f', 'b'], isOrdered ? 'f' : 'b') === 'b',
    ...listedPart(request),
  }
}

async function infosOf({ interner }: MediaServices, files: readonly MediaListing[]): Promise<JsonObject[]> {
  const nids = files.flatMap((file) => [file.uploaderNid, file.quarantinedBy].filter((nid) => nid !== null))
  const userIds = await interner.userIds(nids)
  const name = (nid: UserNid | null): string | null => (nid === null ? null : (userIds.get(nid) ?? null))
  return files.map((file) => ({
    media_id: file.mediaId,
    user_id: name(file.uploaderNid),
    media_type: file.contentType,
    media_length: file.size,
    upload_name: file.fileName,
    created_ts: file.createdTs,
    last_access_ts: file.accessedTs,
    quarantined_by: name(file.quarantinedBy),
    safe_from_quarantine: file.protected,
    authenticated: file.authenticated,
    sha256: file.sha256?.toString('hex') ?? null,
  }))
}

function deletion(mediaIds: readonly string[]) {
  return json({ deleted_media: mediaIds, total: mediaIds.length })
}
