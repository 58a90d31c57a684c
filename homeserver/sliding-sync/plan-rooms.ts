import type { RoomNid } from '../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import type { ChangeSource } from '../sync/change-source.ts'
import type { RoomPlan } from '../sync/skeleton.ts'
import type { Choice, ChosenRoom } from './choose-rooms.ts'
import type { ConnectionChanges } from './connection-changes.ts'
import { StateSelector } from './required-state.ts'
import type { RoomLabels } from './room-labels.ts'
import type { ConnectionState, SentRoom, Told } from './sent-room.ts'

/** One room of an answer, before anything of it is loaded. */
export interface SlidingPlan extends RoomPlan {
  readonly chosen: ChosenRoom
  readonly sent: SentRoom
  /** Whether the user sees only what is shown to those outside. */
  readonly stripped: boolean
  /** Whether what is sent replaces all that the client has of the room. */
  readonly initial: boolean
  /** Whether the client now wants more of the newest events than it has. */
  readonly expanded: boolean
  readonly config: number
  readonly selector: StateSelector
  /** What the client asked for when it last looked; undefined where that has not changed. */
  readonly formerSelector: StateSelector | undefined
  readonly isDm: boolean
  readonly dmChanged: boolean
  readonly membershipChanged: boolean
}

/** What plans are made from. */
export interface PlanParts {
  readonly choice: Choice
  readonly rooms: readonly UserRoom[]
  readonly roomIds: ReadonlyMap<RoomNid, string>
  readonly labels: RoomLabels
  readonly state: ConnectionState
  /** The end of the last answer; undefined when the connection begins. */
  readonly since: StreamPosition | undefined
  readonly head: StreamPosition
}

/**
 * Which of the rooms that the client looks at an answer speaks of; rooms with news that it does not look at are noted
 * in `changes` (MSC4186, "Room results").
 */
export async function planRooms(
  source: ChangeSource,
  parts: PlanParts,
  changes: ConnectionChanges,
): Promise<SlidingPlan[]> {
  const { choice, rooms, state, since, head } = parts
  const live = rooms.filter(({ roomNid }) => state.rooms.get(roomNid)?.events === 'live')
  const joined = live.filter(({ membership }) => membership === 'join').map(({ roomNid }) => roomNid)
  const changed = since === undefined ? new Set<RoomNid>() : await source.changedRooms(joined, since, head)
  if (since !== undefined) {
    for (const room of live) {
      const hasNews = changed.has(room.roomNid) || isAfter(room.since, since)
      if (hasNews && !choice.rooms.has(room.roomNid)) changes.update(room.roomNid, { events: since })
    }
  }
  const selectors = new Map<number, StateSelector>()
  const selectorOf = (config: number): StateSelector => {
    const selector = selectors.get(config) ?? new StateSelector(changes.config(config))
    selectors.set(config, selector)
    return selector
  }
  return [...choice.rooms.values()].flatMap((chosen) => planRoom(parts, chosen, changed, changes, selectorOf))
}

function planRoom(
  { roomIds, labels, state, since, head }: PlanParts,
  chosen: ChosenRoom,
  changed: ReadonlySet<RoomNid>,
  changes: ConnectionChanges,
  selectorOf: (config: number) => StateSelector,
): SlidingPlan[] {
  const { room } = chosen
  const { roomNid, membership } = room
  const roomId = roomIds.get(roomNid)
  if (roomId === undefined) return []
  const sent = changes.room(roomNid)
  const told = toldUpTo(sent.events, since)
  const stripped = membership === 'invite' || membership === 'knock'
  const section = membership === 'join' || stripped ? 'join' : 'leave'
  const membershipChanged = told === undefined || isAfter(room.since, told)
  const newlyJoined =
    told !== undefined && membership === 'join' && isAfter(room.joinedAt ?? room.since, told)
  const initial = told === undefined || newlyJoined || (stripped && membershipChanged)
  const hasNews =
    section === 'leave' || stripped ? membershipChanged : sent.events !== 'live' || changed.has(roomNid)
  const config = changes.configId(chosen.config.state)
  const isDm = labels.direct.has(roomId)
  const dmChanged = isDm !== sent.isDm
  const expanded = !initial && !stripped && chosen.config.timelineLimit > sent.timelineLimit
  const reconfigured = !initial && config !== sent.config
  if (!initial && !hasNews && !expanded && !reconfigured && !dmChanged) return []
  return [
    {
      roomNid,
      roomId,
      room,
      section,
      after: initial ? undefined : told,
      upTo: section === 'leave' ? room.since : head,
      whole: initial,
      newlyJoined: false,
      chosen,
      sent,
      stripped,
      initial,
      expanded,
      config,
      selector: selectorOf(config),
      formerSelector: reconfigured ? new StateSelector(state.configs.get(sent.config) ?? []) : undefined,
      isDm,
      dmChanged,
      membershipChanged,
    },
  ]
}

/** The position up to which something has been told. @param since the end of the last answer. */
export function toldUpTo(told: Told, since: StreamPosition | undefined): StreamPosition | undefined {
  return told === 'live' ? since : told
}
