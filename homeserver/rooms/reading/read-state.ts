import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid, RoomNid } from '../../../storage/numeric-ids.ts'
import { currentStateAt, currentStateOf } from '../../../storage/rooms/current-state-reader.ts'
import type { Actor } from '../actions/actor.ts'
import type { RoomServices } from '../room-services.ts'
import { sightOfRoom } from './room-sight.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'

/** Beyond this, what a user asks for is read in pages that are not kept: nobody has 50,000 events in memory for it. */
const EVENTS_PER_PAGE = 1_000

/**
 * All events of the state that a user may see, page by page.
 *
 * @throws MatrixError 403 as `sightOfRoom`; 503 where not all members become known in time.
 */
export async function* readState(
  services: RoomServices,
  user: Actor,
  roomId: string,
): AsyncGenerator<readonly StoredEvent[]> {
  const { roomNid, root } = await sightOfRoom(services, user, roomId)
  if (root === undefined) await services.partial.requireWhole(roomNid)
  const nids =
    root === undefined
      ? await currentStateOf(services.queries, roomNid)
      : (await services.trie.entries(roomNid, root)).map((entry) => entry.eventNid)
  yield* readInPages(services, roomNid, nids)
}

/**
 * The event at one place of the state that a user may see.
 *
 * @throws MatrixError 403 as `sightOfRoom`; 503 for a member of whom nothing becomes known in time.
 */
export async function readStateAt(
  services: RoomServices,
  user: Actor,
  roomId: string,
  place: { readonly type: string; readonly stateKey: string },
): Promise<StoredEvent | undefined> {
  const { roomNid, root } = await sightOfRoom(services, user, roomId)
  const known = await eventAt(services, roomNid, root, place)
  if (known || root !== undefined || !mayBeUnknown(services, roomNid, place)) return known
  await services.partial.requireWhole(roomNid)
  return eventAt(services, roomNid, root, place)
}

/** While not all members of a room are known, those of other servers may be members without our knowing. */
function mayBeUnknown(
  { partial, serverName }: RoomServices,
  roomNid: RoomNid,
  { type, stateKey }: { readonly type: string; readonly stateKey: string },
): boolean {
  return partial.has(roomNid) && type === 'm.room.member' && serverOf(stateKey) !== serverName
}

async function eventAt(
  services: RoomServices,
  roomNid: RoomNid,
  root: StateRoot | undefined,
  place: { readonly type: string; readonly stateKey: string },
): Promise<StoredEvent | undefined> {
  const { interner, queries, trie } = services
  const [typeNid, stateKeyNid] = await Promise.all([
    interner.findTypeNid(place.type),
    interner.findStateKeyNid(place.stateKey),
  ])
  if (typeNid === undefined || stateKeyNid === undefined) return undefined
  const nid =
    root === undefined
      ? await currentStateAt(queries, roomNid, typeNid, stateKeyNid)
      : await trie.get(roomNid, root, typeNid, stateKeyNid)
  return nid === undefined ? undefined : (await readEvents(services, roomNid, [nid]))[0]
}

/** Events of one room in the order of their numbers, page by page. */
export async function* readInPages(
  services: RoomServices,
  roomNid: RoomNid,
  nids: readonly EventNid[],
): AsyncGenerator<readonly StoredEvent[]> {
  if (nids.length <= EVENTS_PER_PAGE) return yield readEvents(services, roomNid, nids)
  for (let from = 0; from < nids.length; from += EVENTS_PER_PAGE) {
    const page = nids.slice(from, from + EVENTS_PER_PAGE)
    const found = await services.events.readOnce(page.map((eventNid) => ({ roomNid, eventNid })))
    yield page.map((nid) => found.get(nid)).filter((stored) => stored !== undefined)
  }
}

async function readEvents(
  { events }: RoomServices,
  roomNid: RoomNid,
  nids: readonly EventNid[],
): Promise<StoredEvent[]> {
  const found = await events.byPlaces(nids.map((eventNid) => ({ roomNid, eventNid })))
  return nids.map((nid) => found.get(nid)).filter((stored) => stored !== undefined)
}
