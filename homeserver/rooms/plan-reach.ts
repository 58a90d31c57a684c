import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import type { ReadPositionChange } from '../../storage/events/event-write.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { EventReach } from '../../storage/push/event-reach.ts'
import { MAIN_THREAD } from '../../storage/rooms/threads.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import { findReach } from '../push/find-reach.ts'
import { readByOwnEvent } from '../push/own-read-position.ts'
import { threadOf } from '../push/thread-of.ts'
import { impliedCreate } from './check-against.ts'
import { plainEvents, type OpenRoom } from './open-room.ts'
import type { RoomServices } from './room-services.ts'

/** What a new event means for what users have read and not read. */
export interface PlannedReach {
  readonly reach: EventReach
  /** Whether the ordinal of the main timeline rises with it. */
  readonly countsInMain: boolean
  /** The thread that its local sender has read with it. */
  readonly ownThread: string | undefined
}

/**
 * Works out whom an event notifies that is about to become visible in a room.
 *
 * @param redacted whether a redaction has waited for it; then it notifies nobody.
 */
export async function planReach(
  services: RoomServices,
  room: OpenRoom,
  event: RoomEvent,
  root: StateRoot,
  redacted: boolean,
): Promise<PlannedReach> {
  const find = async (eventId: string): Promise<RoomEvent | undefined> =>
    (await room.events([eventId])).get(eventId)?.event
  const thread = await threadOf(event, find)
  const members = (userIds: readonly string[]) =>
    room.stateEvents(
      root,
      userIds.map((stateKey) => ({ type: 'm.room.member', stateKey })),
    )
  const reach = redacted
    ? { thread, counted: false, toRoom: false, personal: [] }
    : await findReach(services, event, {
        roomNid: room.head.roomNid,
        thread,
        members,
        powerState: () => powerState(room, event, root),
      })
  const { sender } = event
  const isOwn = serverOf(sender) === services.serverName
  const before =
    isOwn && event.stateKey === sender
      ? (await members([sender])).get(stateTuple('m.room.member', sender))?.event
      : undefined
  return {
    reach,
    countsInMain: reach.counted && thread === MAIN_THREAD,
    ownThread: isOwn ? readByOwnEvent(event, thread, before) : undefined,
  }
}

/** Where the sender's own event moves their read position. */
export function ownReadPositions(
  senderNid: UserNid,
  planned: PlannedReach | undefined,
  historyPos: number | undefined,
  unreadOrdinal: number,
): readonly ReadPositionChange[] {
  if (planned?.ownThread === undefined || historyPos === undefined) return []
  return [{ userNid: senderNid, thread: planned.ownThread, historyPos, unreadOrdinal }]
}

async function powerState(room: OpenRoom, event: RoomEvent, root: StateRoot): Promise<readonly RoomEvent[]> {
  const state = await room.stateEvents(root, [
    { type: 'm.room.power_levels', stateKey: '' },
    { type: 'm.room.create', stateKey: '' },
    { type: 'm.room.member', stateKey: event.sender },
  ])
  const create = await impliedCreate(room)
  return create ? [...plainEvents(state.values()), create] : plainEvents(state.values())
}
