import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { pduTextsById, pduTextsByNid } from '../../../storage/federation/pdu-texts.ts'
import type { EventNid, TypeNid, UserNid } from '../../../storage/numeric-ids.ts'
import { roomSummaries } from '../../../storage/sync/room-summary-reader.ts'
import type { StateTeller, StateTexts } from '../history/state-at-event.ts'

/** So many names make up the name of a room without one (client-server API, `m.heroes`). */
const MAX_HEROES = 5

/**
 * The state before a join without its members but for those by whom a room without a name is called, and everything
 * that the join and that state lean on (server-server API, `PUT /send_join`, `omit_members`).
 */
export async function stateWithoutMembers(
  { rooms: services, authChains }: StateTeller,
  room: OpenRoom,
  join: RoomEvent,
): Promise<StateTexts> {
  const { queries, trie, interner, events } = services
  const { roomNid } = room.head
  const stored = await events.byId(join.eventId)
  if (stored?.stateBefore === undefined)
    throw new MatrixError(404, 'M_NOT_FOUND', 'The join is not known here')
  const entries = await trie.entries(roomNid, stored.stateBefore)
  const member = await interner.typeNid('m.room.member')
  const others = entries.filter(({ typeNid }) => typeNid !== member)
  const hasName = await namesRoom(services, others)
  const heroes = hasName ? [] : await heroesOf(services, room, stored.senderNid)
  const memberKeys = await interner.findStateKeyNids(heroes)
  const keys = new Set(memberKeys.values())
  const shown = entries.filter(({ typeNid, stateKeyNid }) => typeNid === member && keys.has(stateKeyNid))
  const nids: EventNid[] = [...others, ...shown].map(({ eventNid }) => eventNid)
  const state = await pduTextsByNid(queries, roomNid, nids)
  const told = new Set(state.map(({ eventId }) => eventId))
  const starts = new Set([...join.authEvents, ...state.flatMap(({ authEventIds }) => authEventIds)])
  const chain = await authChains.of(roomNid, starts)
  const authChain = await pduTextsById(
    queries,
    roomNid,
    chain.filter((eventId) => !told.has(eventId)),
  )
  return { state, authChain }
}

async function namesRoom(
  { interner }: RoomServices,
  state: readonly { readonly typeNid: TypeNid }[],
): Promise<boolean> {
  const names = new Set((await interner.typeNids(['m.room.name', 'm.room.canonical_alias'])).values())
  return state.some(({ typeNid }) => names.has(typeNid))
}

async function heroesOf(
  { queries, interner }: RoomServices,
  { head: { roomNid } }: OpenRoom,
  joining: UserNid,
): Promise<string[]> {
  const first = (await roomSummaries(queries, [roomNid])).get(roomNid)?.first ?? []
  const others = first.filter((userNid) => userNid !== joining).slice(0, MAX_HEROES)
  return [...(await interner.userIds(others)).values()]
}
