import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { stateOfRooms } from '../../../storage/directory/directory-reader.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import { textIn } from '../delivery/event-names.ts'
import { isCall, type Notice } from '../delivery/notice.ts'

/** Rooms that one mail tells of, and what of each: a mail is to bring people back, not to be read instead. */
const MAX_ROOMS = 20
const MAX_MESSAGES = 10
/** Characters of a message, and of a name. */
const MAX_TEXT = 400
const MAX_NAME = 80

/** What a mail says of one event. */
export interface UnreadMessage {
  readonly eventId: string | undefined
  /** Who has sent it. */
  readonly person: string
  /** What the person has done, or their words. */
  readonly text: string
  readonly isWords: boolean
  readonly isInvite: boolean
  readonly receivedTs: number
}

/** A room with unread messages, the oldest first. */
export interface UnreadRoom {
  readonly roomId: string
  /** Undefined for conversations without a name. */
  readonly name: string | undefined
  /** The newest of them. */
  readonly messages: readonly UnreadMessage[]
  /** How many are left out before them. */
  readonly earlier: number
}

/** All that a mail tells of. */
export interface UnreadNews {
  /** The one with the newest message first. */
  readonly rooms: readonly UnreadRoom[]
  /** How many more rooms there are. */
  readonly otherRooms: number
}

/** Gathers notices, the oldest first, by room. What is said in encrypted rooms is not repeated in mails. */
export async function unreadRooms(services: SyncServices, notices: readonly Notice[]): Promise<UnreadNews> {
  const byRoom = Map.groupBy(notices.toReversed(), ({ event }) => event.roomNid)
  const told = [...byRoom].slice(0, MAX_ROOMS)
  const encrypted = await encryptedAmong(
    services,
    told.map(([roomNid]) => roomNid),
  )
  const rooms = await Promise.all(
    told.map(async ([roomNid, newestFirst]): Promise<UnreadRoom> => {
      const shown = newestFirst.slice(0, MAX_MESSAGES).reverse()
      const { room, roomAlias } = await shown.at(-1)!.event.names()
      return {
        roomId: shown[0]!.event.roomId,
        name: oneLine(room ?? roomAlias),
        messages: await Promise.all(shown.map((notice) => messageOf(notice, encrypted.has(roomNid)))),
        earlier: newestFirst.length - shown.length,
      }
    }),
  )
  return { rooms, otherRooms: byRoom.size - told.length }
}

async function encryptedAmong(
  { interner, queries }: SyncServices,
  roomNids: readonly RoomNid[],
): Promise<ReadonlySet<RoomNid>> {
  const type = await interner.typeNid('m.room.encryption')
  const places = await stateOfRooms(queries, roomNids, [type], await interner.stateKeyNid(''))
  return new Set(places.map(({ roomNid }) => roomNid))
}

async function messageOf(notice: Notice, isEncrypted: boolean): Promise<UnreadMessage> {
  const { event } = notice
  const { sender } = await event.names()
  const isInvite = event.historyPos === undefined && event.type === 'm.room.member'
  const words = event.type === 'm.room.message' && !isEncrypted ? wordsOf(event.content) : undefined
  return {
    eventId: event.eventId,
    person: oneLine(sender) ?? event.sender,
    text: words ?? deedOf(notice, isInvite, isEncrypted),
    isWords: words !== undefined,
    isInvite,
    receivedTs: event.receivedTs,
  }
}

function deedOf(notice: Notice, isInvite: boolean, isEncrypted: boolean): string {
  if (isInvite) return 'invites you to this room'
  if (isCall(notice)) return 'called'
  if (isEncrypted || notice.event.type === 'm.room.encrypted') return 'sent an encrypted message'
  return DEEDS.get(textIn(notice.event.content, 'msgtype') ?? notice.event.type) ?? 'sent something'
}

const DEEDS: ReadonlyMap<string, string> = new Map([
  ['m.image', 'sent an image'],
  ['m.video', 'sent a video'],
  ['m.audio', 'sent a recording'],
  ['m.file', 'sent a file'],
  ['m.location', 'sent a place'],
  ['org.matrix.msc3381.poll.start', 'asks for your opinion'],
  ['org.matrix.msc3381.poll.end', 'ended a poll'],
])

/** The words of a message of text, without what it quotes. */
function wordsOf(content: JsonObject): string | undefined {
  const body = textIn(content, 'body')
  if (body === undefined || !['m.text', 'm.notice', 'm.emote'].includes(textIn(content, 'msgtype') ?? ''))
    return undefined
  const relates = ownValue(content, 'm.relates_to')
  const isReply = isJsonObject(relates) && ownValue(relates, 'm.in_reply_to') !== undefined
  // Before version 1.13 replies began with what they answer (client-server API, "Rich replies").
  const own = isReply ? body.replace(/^(>.*\n)+\n?/, '') : body
  // Whatever the terminal or browser of a reader would take for more than text.
  return shortened(own.replace(/[^\P{Cc}\n\t]/gu, '').trim(), MAX_TEXT)
}

/** A name in one line, as headers of mails need it; undefined where nothing is left of it. */
export function oneLine(text: string | undefined): string | undefined {
  const line = text?.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim() ?? ''
  return line === '' ? undefined : shortened(line, MAX_NAME)
}

function shortened(text: string, limit: number): string {
  // More units than characters are enough to cut at one, however long the text is.
  const characters = [...text.slice(0, 2 * limit + 2)]
  return characters.length <= limit ? characters.join('') : `${characters.slice(0, limit).join('')}…`
}
