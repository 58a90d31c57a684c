import type { JsonObject } from '../../../protocol/json/value.ts'
import type { PushOutcome } from '../../../protocol/push-rules/push-outcome.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid, RoomNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'

/** What people call those who have to do with an event. */
export interface EventNames {
  readonly sender: string | undefined
  readonly room: string | undefined
  readonly roomAlias: string | undefined
}

/** An event that notifies somebody; all whom it notifies share it. */
export interface PushedEvent {
  readonly position: StreamPosition
  /** A position before it, with nothing between them that would have to be told. */
  readonly after: StreamPosition
  readonly roomNid: RoomNid
  readonly roomId: string
  /** Undefined for invites to rooms that this server is not in. */
  readonly eventNid: EventNid | undefined
  /** Undefined where another server's invite does not tell it. */
  readonly eventId: string | undefined
  readonly type: string
  readonly sender: string
  readonly stateKey: string | undefined
  readonly content: JsonObject
  /** Its place in the room's history; undefined for what is not read there, as invites. */
  readonly historyPos: number | undefined
  /** The root's event id, or `main`. */
  readonly thread: string
  readonly memberCount: number
  /** Milliseconds since the epoch. */
  readonly receivedTs: number
  names(): Promise<EventNames>
}

/**
 * A stored event as it is told.
 *
 * @param names those of a whole page of events.
 */
export function pushedEvent(
  { event, eventNid, roomNid, historyPos, receivedTs }: StoredEvent,
  place: Pick<PushedEvent, 'position' | 'after' | 'thread' | 'memberCount'>,
  names: () => Promise<ReadonlyMap<EventNid, EventNames>>,
): PushedEvent {
  const isMembership = event.type === 'm.room.member'
  return {
    ...place,
    roomNid,
    roomId: event.roomId,
    eventNid,
    eventId: event.eventId,
    type: event.type,
    sender: event.sender,
    stateKey: event.stateKey,
    content: event.content,
    historyPos: isMembership ? undefined : historyPos,
    receivedTs,
    names: async () => (await names()).get(eventNid) ?? NO_NAMES,
  }
}

const NO_NAMES: EventNames = { sender: undefined, room: undefined, roomAlias: undefined }

/** An event and what one user's rules make of it. */
export interface Notice {
  readonly event: PushedEvent
  readonly outcome: PushOutcome
}

/** Events by which somebody's telephone rings now: in a minute they are worth nothing. */
const CALLS: ReadonlySet<string> = new Set([
  'm.call.invite',
  'm.call.notify',
  'org.matrix.msc4075.call.notify',
  'org.matrix.msc4075.rtc.notification',
  'm.rtc.notification',
])

/** Whether somebody is calling. */
export function isCall({ event }: Notice): boolean {
  return CALLS.has(event.type)
}

/** A room of two is a conversation. */
const DIRECT_MEMBERS = 2

/** What is said in a group to nobody in particular. */
export function isGroupTalk(notice: Notice): boolean {
  const { event, outcome } = notice
  return (
    event.historyPos !== undefined &&
    event.memberCount > DIRECT_MEMBERS &&
    !outcome.highlight &&
    event.stateKey === undefined &&
    !isCall(notice)
  )
}
