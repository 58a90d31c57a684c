import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import {
  authEventIdsOf,
  eventIdsByNid,
  pduTextsById,
  pduTextsByNid,
  type PduText,
} from '../../../storage/federation/pdu-texts.ts'
import type { EventNid } from '../../../storage/numeric-ids.ts'
import type { InboundContext } from '../inbound-context.ts'

/** What states are told from. */
export type StateTeller = Pick<InboundContext, 'rooms' | 'authChains'>

/** A state of a room and everything that it leans on. */
export interface StateTexts {
  readonly state: readonly PduText[]
  readonly authChain: readonly PduText[]
}

/** The same by event id. */
export interface StateIds {
  readonly stateIds: readonly string[]
  readonly authChainIds: readonly string[]
}

/**
 * The state of the room before an event. Where that lacks members, it waits until they are known.
 *
 * @throws MatrixError 404 M_NOT_FOUND when this server does not know it, 503 when it does not come to know it in time.
 */
export async function stateBefore(
  services: RoomServices,
  { head: { roomNid } }: OpenRoom,
  eventId: string,
): Promise<readonly EventNid[]> {
  let stored = await services.events.byId(eventId)
  if (stored?.partialState) {
    await services.partial.requireWhole(roomNid)
    stored = await services.events.byId(eventId)
  }
  if (stored?.roomNid !== roomNid || stored.stateBefore === undefined) {
    throw new MatrixError(404, 'M_NOT_FOUND', 'The state at this event is not known here')
  }
  const entries = await services.trie.entries(roomNid, stored.stateBefore)
  return entries.map(({ eventNid }) => eventNid)
}

/** A state in its federation form, for `/state` and `/send_join`. */
export async function stateTexts(
  { rooms: { queries }, authChains }: StateTeller,
  { head: { roomNid } }: OpenRoom,
  state: readonly EventNid[],
): Promise<StateTexts> {
  const texts = await pduTextsByNid(queries, roomNid, state)
  const chain = await authChains.of(
    roomNid,
    texts.flatMap((text) => text.authEventIds),
  )
  return { state: texts, authChain: await pduTextsById(queries, roomNid, chain) }
}

/** A state by event ids, for `/state_ids`. */
export async function stateIds(
  { rooms: { queries }, authChains }: StateTeller,
  { head: { roomNid } }: OpenRoom,
  state: readonly EventNid[],
): Promise<StateIds> {
  const starts = await authEventIdsOf(queries, roomNid, state)
  return {
    stateIds: await eventIdsByNid(queries, roomNid, state),
    authChainIds: await authChains.of(roomNid, starts),
  }
}
