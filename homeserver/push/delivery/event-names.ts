import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { stateOfRooms } from '../../../storage/directory/directory-reader.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid, RoomNid } from '../../../storage/numeric-ids.ts'
import { shownEvent } from '../../history/event-text.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import type { EventNames } from './notice.ts'

type NameServices = Pick<SyncServices, 'queries' | 'interner' | 'events' | 'members'>

/** A user in a room. */
export interface RoomUser {
  readonly roomNid: RoomNid
  readonly userId: string
}

/** What users call themselves in rooms, by {@link nameKey}. */
export async function displayNames(
  { interner, members, events }: NameServices,
  users: readonly RoomUser[],
): Promise<ReadonlyMap<string, string>> {
  const keys = await interner.stateKeyNids([...new Set(users.map(({ userId }) => userId))])
  const places = users.map(({ roomNid, userId }) => ({ roomNid, stateKeyNid: keys.get(userId)! }))
  const nids = await members.at(places)
  const found = await events.byPlaces(
    nids.flatMap((eventNid, index) =>
      eventNid === undefined ? [] : [{ roomNid: places[index]!.roomNid, eventNid }],
    ),
  )
  const names = new Map<string, string>()
  for (const [index, eventNid] of nids.entries()) {
    const stored = eventNid === undefined ? undefined : found.get(eventNid)
    const name = stored && textIn(shownEvent(stored).content, 'displayname')
    if (name !== undefined) names.set(nameKey(users[index]!), name)
  }
  return names
}

/** Names a user in a room. */
export function nameKey({ roomNid, userId }: RoomUser): string {
  return `${roomNid}/${userId}`
}

/** The names that go with events, loaded once, when somebody first asks. */
export function lazyEventNames(
  services: NameServices,
  stored: readonly StoredEvent[],
): () => Promise<ReadonlyMap<EventNid, EventNames>> {
  let names: Promise<ReadonlyMap<EventNid, EventNames>> | undefined
  return () =>
    (names ??= loadEventNames(services, stored).catch((error: unknown) => {
      names = undefined
      throw error
    }))
}

/** The names that go with events, of their rooms and senders as they are now: a few queries for all of them. */
async function loadEventNames(
  services: NameServices,
  stored: readonly StoredEvent[],
): Promise<ReadonlyMap<EventNid, EventNames>> {
  const { queries, interner, events } = services
  const rooms = [...new Set(stored.map(({ roomNid }) => roomNid))]
  const types = await interner.typeNids(['m.room.name', 'm.room.canonical_alias'])
  const places = await stateOfRooms(queries, rooms, [...types.values()], await interner.stateKeyNid(''))
  const state = new Map<string, JsonObject>()
  for (const found of (await events.byPlaces(places)).values()) {
    state.set(`${found.roomNid}/${found.event.type}`, shownEvent(found).content)
  }
  const senders = stored.map(({ roomNid, event }) => ({ roomNid, userId: event.sender }))
  const names = await displayNames(services, senders)
  return new Map(
    stored.map(({ eventNid, roomNid, event }) => [
      eventNid,
      {
        sender: names.get(nameKey({ roomNid, userId: event.sender })),
        room: textIn(state.get(`${roomNid}/m.room.name`), 'name'),
        roomAlias: textIn(state.get(`${roomNid}/m.room.canonical_alias`), 'alias'),
      },
    ]),
  )
}

/** A text of an object that says something. */
export function textIn(content: JsonObject | undefined, key: string): string | undefined {
  const value = content && ownValue(content, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}
