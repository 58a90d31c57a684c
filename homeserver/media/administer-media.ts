import { mxcUri, parseMxcUri, type MxcUri } from '../../protocol/identifiers/mxc-uri.ts'
import {
  findMediaListing,
  mediaOfUploader,
  roomAvatars,
  unusedLocalMedia,
  userAvatarsAmong,
  type MediaListing,
  type MediaPage,
} from '../../storage/media/media-lists.ts'
import { mediaNamedInRoom } from '../../storage/media/quarantine.ts'
import { dropMedia, longestUnusedRemote, removeMedia } from '../../storage/media/retention.ts'
import type { MediaNid } from '../../storage/numeric-ids.ts'
import { deleteInBatches } from '../upkeep/delete-in-batches.ts'
import { noSuchMedia } from './media-errors.ts'
import type { MediaServices } from './media-services.ts'

/** Files that one statement deletes. */
const BATCH = 200

/** A file that is stored here. @throws MatrixError 404. */
export async function mediaListing(media: MediaServices, uri: MxcUri): Promise<MediaListing> {
  const serverNid = await media.interner.findServerNid(uri.serverName)
  const found =
    serverNid === undefined ? undefined : await findMediaListing(media.queries, serverNid, uri.mediaId)
  if (!found) throw noSuchMedia()
  return found
}

/** A part of what a user of ours has uploaded and is still stored. */
export async function uploadsOf(
  media: MediaServices,
  userId: string,
  page: MediaPage,
): Promise<{ readonly media: readonly MediaListing[]; readonly total: number }> {
  const userNid = await media.interner.findUserNid(userId)
  return userNid === undefined ? { media: [], total: 0 } : mediaOfUploader(media.queries, userNid, page)
}

/** The content URIs that the events of a room name: those of this server, and others. */
export async function mediaInRoom(
  media: MediaServices,
  roomId: string,
): Promise<{ readonly local: string[]; readonly remote: string[] }> {
  const roomNid = await media.interner.findRoomNid(roomId)
  const named = roomNid === undefined ? [] : [...(await mediaNamedInRoom(media.queries, roomNid))]
  const isOwn = (uri: string): boolean => parseMxcUri(uri)?.serverName === media.serverName
  return { local: named.filter(isOwn), remote: named.filter((uri) => !isOwn(uri)) }
}

/** Deletes local files. Their ids stay known, so that nothing else ever stands at them. Returns the ids. */
export async function deleteUploads(
  media: Pick<MediaServices, 'queries' | 'now'>,
  uploads: readonly MediaListing[],
): Promise<string[]> {
  for (let from = 0; from < uploads.length; from += BATCH) {
    const nids = uploads.slice(from, from + BATCH).map(({ nid }) => nid)
    await removeMedia(media.queries, nids, media.now())
  }
  return uploads.map(({ mediaId }) => mediaId)
}

/** Which local files an administrator wants to be rid of. */
export interface UnusedWish {
  /** Nobody has looked at them since, in milliseconds since the epoch. */
  readonly before: number
  /** They have more bytes than this. */
  readonly largerThan: number
  /** Whether pictures of users and rooms stay. */
  readonly keepAvatars: boolean
}

/** Deletes local files that nobody has looked at for long. Returns their ids. */
export async function deleteUnusedUploads(
  media: MediaServices,
  { before, largerThan, keepAvatars }: UnusedWish,
): Promise<string[]> {
  const { queries, interner, serverName } = media
  await media.accesses.flush()
  const own = await interner.serverNid(serverName)
  const uriOf = ({ mediaId }: MediaListing): string => mxcUri(serverName, mediaId)
  const ofRooms = keepAvatars
    ? await roomAvatars(queries, await interner.typeNid('m.room.avatar'), await interner.stateKeyNid(''))
    : new Set<string>()
  const deleted: string[] = []
  for (let after = 0 as MediaNid; ;) {
    const page = await unusedLocalMedia(queries, own, { before, largerThan, after, limit: BATCH })
    const ofUsers = keepAvatars ? await userAvatarsAmong(queries, page.map(uriOf)) : new Set<string>()
    const going = page.filter((file) => !ofUsers.has(uriOf(file)) && !ofRooms.has(uriOf(file)))
    deleted.push(...(await deleteUploads(media, going)))
    if (page.length < BATCH) return deleted
    after = page.at(-1)!.nid
  }
}

/** Forgets the copies of other servers' files that nobody has looked at since `before`. Returns how many. */
export async function purgeCopies(
  media: MediaServices,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  const { queries, now } = media
  await media.accesses.flush()
  const own = await media.interner.serverNid(media.serverName)
  return deleteInBatches(async (limit) => {
    const old = await longestUnusedRemote(queries, own, limit, before)
    return dropMedia(
      queries,
      old.map(({ nid }) => nid),
      now(),
    )
  }, signal)
}
