import { parseMxcUri, type MxcUri } from '../../protocol/identifiers/mxc-uri.ts'
import {
  mediaNamedInRoom,
  protectMedia,
  quarantineMedia,
  releaseMedia,
  type MediaSelection,
} from '../../storage/media/quarantine.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { MediaServices } from './media-services.ts'

async function selectionOf({ interner }: MediaServices, uri: MxcUri): Promise<MediaSelection> {
  return { serverNid: await interner.serverNid(uri.serverName), mediaIds: [uri.mediaId] }
}

/** Quarantines one piece of media, unless it is protected. Returns how many were: 1 or 0. */
export async function quarantineOne(media: MediaServices, uri: MxcUri, by: UserNid): Promise<number> {
  return quarantineMedia(media.queries, await selectionOf(media, uri), by, media.now())
}

/** Takes the quarantine of one piece of media back. */
export async function releaseOne(media: MediaServices, uri: MxcUri): Promise<void> {
  await releaseMedia(media.queries, await selectionOf(media, uri))
}

/** Has one piece of media left out, or no longer, when the media of its room, uploader or server is quarantined. */
export async function protectOne(media: MediaServices, uri: MxcUri, isProtected: boolean): Promise<void> {
  await protectMedia(media.queries, await selectionOf(media, uri), isProtected)
}

/** Quarantines what a local user has uploaded. Returns how many. */
export async function quarantineOfUser(media: MediaServices, userId: string, by: UserNid): Promise<number> {
  const uploaderNid = await media.interner.findUserNid(userId)
  if (uploaderNid === undefined) return 0
  return quarantineMedia(media.queries, { uploaderNid }, by, media.now())
}

/** Quarantines the copies of another server's media. Returns how many; new ones `prevent_media_downloads_from` stops. */
export async function quarantineOfServer(
  media: MediaServices,
  serverName: string,
  by: UserNid,
): Promise<number> {
  const serverNid = await media.interner.findServerNid(serverName)
  if (serverNid === undefined) return 0
  return quarantineMedia(media.queries, { serverNid }, by, media.now())
}

/** Quarantines what the events of a room name and is stored here. Returns how many. */
export async function quarantineInRoom(media: MediaServices, roomId: string, by: UserNid): Promise<number> {
  const roomNid = await media.interner.findRoomNid(roomId)
  if (roomNid === undefined) return 0
  const idsByServer = new Map<string, string[]>()
  for (const text of await mediaNamedInRoom(media.queries, roomNid)) {
    const uri = parseMxcUri(text)
    if (uri) idsByServer.set(uri.serverName, [...(idsByServer.get(uri.serverName) ?? []), uri.mediaId])
  }
  let quarantined = 0
  for (const [serverName, mediaIds] of idsByServer) {
    const serverNid = await media.interner.findServerNid(serverName)
    if (serverNid === undefined) continue
    quarantined += await quarantineMedia(media.queries, { serverNid, mediaIds }, by, media.now())
  }
  return quarantined
}
