import { toStrippedState } from '../../protocol/events/stripped-state.ts'
import { isJsonObject, ownValue, type JsonValue } from '../../protocol/json/value.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { outsideRooms, type OutsideRoom, type UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import type { ReadServices, Viewer } from '../history/read-services.ts'
import { shownEvent } from '../history/event-text.ts'
import type { ByRoom } from './sync-services.ts'

/** What those who are not in a room may know of it (client-server API, "Stripped state"). */
const STRIPPED_TYPES = [
  'm.room.create', 'm.room.name', 'm.room.avatar', 'm.room.topic', 'm.room.join_rules',
  'm.room.canonical_alias', 'm.room.encryption',
] // prettier-ignore

/** A room of which the user sees only stripped state: JSON texts of events. */
export interface StrippedRoom {
  readonly events: readonly string[]
  /** Who invited, or knocks. */
  readonly sender: string | undefined
}

/** The stripped state of rooms that a user is invited to or knocks on, as it was at that moment. */
export async function loadStrippedRooms(
  services: ReadServices,
  viewer: Viewer,
  rooms: readonly Pick<UserRoom, 'roomNid' | 'eventNid' | 'outside'>[],
): Promise<ByRoom<StrippedRoom>> {
  if (rooms.length === 0) return new Map()
  const outside = rooms.filter((room) => room.outside).map(({ roomNid }) => roomNid)
  const own = rooms.flatMap(({ roomNid, eventNid, outside: isOutside }) =>
    isOutside || eventNid === undefined ? [] : [{ roomNid, eventNid }],
  )
  const [theirs, memberEvents] = await Promise.all([
    outsideRooms(services.queries, viewer.userNid, outside),
    services.events.byPlaces(own),
  ])
  const stripped = new Map<RoomNid, StrippedRoom>()
  for (const [roomNid, room] of theirs) stripped.set(roomNid, fromOutside(room))
  const states = await Promise.all(
    Array.from(
      memberEvents.values(),
      async (member) => [member, await stateAround(services, member)] as const,
    ),
  )
  for (const [member, state] of states) {
    stripped.set(member.roomNid, {
      events: [...state, member].map((stored) => JSON.stringify(toStrippedState(shownEvent(stored)))),
      sender: member.event.sender,
    })
  }
  return stripped
}

/** The room's own state at the membership event, and who sent it: names and pictures for the client to show. */
async function stateAround(
  { interner, trie, events }: ReadServices,
  { roomNid, event, stateAfter }: StoredEvent,
): Promise<StoredEvent[]> {
  if (stateAfter === undefined) return []
  const types = await interner.typeNids([...STRIPPED_TYPES, 'm.room.member'])
  const keys = await interner.stateKeyNids(['', event.sender])
  const places = STRIPPED_TYPES.map((type) => ({ typeNid: types.get(type)!, stateKeyNid: keys.get('')! }))
  if (event.sender !== event.stateKey) {
    places.push({ typeNid: types.get('m.room.member')!, stateKeyNid: keys.get(event.sender)! })
  }
  const nids = (await trie.getMany(roomNid, stateAfter, places)).filter((nid) => nid !== undefined)
  return [...(await events.byPlaces(nids.map((eventNid) => ({ roomNid, eventNid })))).values()]
}

/** Stripped state as it came, with the membership event in the same form at its end. */
function fromOutside({ eventPdu, strippedState }: OutsideRoom): StrippedRoom {
  const listed: JsonValue = strippedState === undefined ? [] : (JSON.parse(strippedState) as JsonValue)
  const events = (Array.isArray(listed) ? listed : []).filter(isJsonObject)
  const pdu: JsonValue = eventPdu === undefined ? null : (JSON.parse(eventPdu) as JsonValue)
  if (!isJsonObject(pdu)) return { events: events.map((event) => JSON.stringify(event)), sender: undefined }
  const field = (key: string): JsonValue => ownValue(pdu, key) ?? null
  const member = {
    type: field('type'),
    state_key: field('state_key'),
    sender: field('sender'),
    content: field('content'),
    origin_server_ts: field('origin_server_ts'),
  }
  const others = events.filter(
    (event) => ownValue(event, 'type') !== member.type || ownValue(event, 'state_key') !== member.state_key,
  )
  return {
    events: [...others, member].map((event) => JSON.stringify(event)),
    sender: typeof member.sender === 'string' ? member.sender : undefined,
  }
}
