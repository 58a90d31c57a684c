import { MAIN_THREAD } from '../../storage/rooms/threads.ts'
import { unreadInAll, unreadInMain, type UnreadCount, type UnreadRoom } from '../push/unread-tally.ts'
import type { EventPresenter } from '../history/event-presenter.ts'
import type { BegunAnswer } from './begin-answer.ts'
import type { RoomTexts } from './build-rooms.ts'
import type { AgedSlice } from './openings/aged-events.ts'
import type { RoomState } from './room-state.ts'
import type { RoomPlan } from './skeleton.ts'
import type { SeenSummary } from './summaries.ts'
import type { StateKey } from './sync-request.ts'
import type { Timeline, Timelines } from './timelines.ts'

/** The events of a room, commas between them. */
export interface RoomBody {
  readonly timeline: TextPieces
  readonly limited: boolean
  readonly prevBatch: string
  readonly state: TextPieces
}

/** What an answer says of one joined or left room beside its events. */
export interface RoomParts {
  readonly plan: RoomPlan
  readonly ephemeral: readonly string[]
  readonly accountData: readonly string[]
  readonly summary: SeenSummary | undefined
  readonly unread: UnreadRoom
  readonly withThreads: boolean
}

/** `"key":value`, the value as JSON text already. */
export function member(key: string, value: string): string {
  return `${JSON.stringify(key)}:${value}`
}

/** A piece of JSON text: its own, or one that answers share. */
export type TextPiece = string | Buffer | AgedSlice
export type TextPieces = readonly TextPiece[]

/** The JSON text of an answer. */
export function answerText(begun: BegunAnswer, { join, leave }: RoomTexts): string {
  const [left, joined] = [leave, join].map((rooms) => rooms.map((pieces) => pieces.join('')).join(','))
  return `${answerStart(begun)}${left}${BETWEEN_SECTIONS}${joined}${ANSWER_END}`
}

/** What comes before the left rooms of an answer. */
export function answerStart({ nextBatch, accountData, invite, knock, provided }: BegunAnswer): string {
  const members = [
    member('next_batch', JSON.stringify(nextBatch)),
    ...Object.entries(provided.fields).map(([key, value]) => member(key, value)),
  ]
  if (accountData.length > 0) members.push(member('account_data', batch(accountData)))
  return `{${members.join(',')},"rooms":{${section('invite', invite)}${section('knock', knock)}"leave":{`
}

/** Left out where it is empty. */
function section(key: string, rooms: readonly string[]): string {
  return rooms.length === 0 ? '' : `${member(key, `{${rooms.join(',')}}`)},`
}

/** What stands between the left rooms and the joined ones. */
export const BETWEEN_SECTIONS = '},"join":{'

/** What comes after the joined rooms. */
export const ANSWER_END = '}}}'

/** `"!room":{…}` of a joined or left room. */
export function roomPieces(
  { plan, ephemeral, accountData, summary, unread, withThreads }: RoomParts,
  { timeline, limited, prevBatch, state }: RoomBody,
  stateKey: StateKey,
): TextPieces {
  const rest = [member('account_data', batch(accountData))]
  if (plan.section === 'join') {
    rest.push(member('ephemeral', batch(ephemeral)), ...unreadMembers(unread, withThreads))
    if (summary) rest.push(member('summary', summaryText(summary)))
  }
  return [
    `${JSON.stringify(plan.roomId)}:{"timeline":{"events":[`,
    ...timeline,
    `],"limited":${limited},"prev_batch":${JSON.stringify(prevBatch)}},"${stateKey}":{"events":[`,
    ...state,
    `]},${rest.join(',')}}`,
  ]
}

/**
 * The events of a room as they are told to one user alone.
 *
 * @param outsideEnd the event that ended an invite or a knock in a room that this server is not in.
 */
export function roomBody(
  timeline: Timeline,
  state: RoomState,
  outsideEnd: string | undefined,
  presenter: EventPresenter,
  sightings: Timelines['sightings'],
): RoomBody {
  const events = timeline.events.map((stored) =>
    presenter.present(stored, 'sync', sightings.get(stored.eventNid)?.membership),
  )
  if (outsideEnd !== undefined) events.push(outsideEnd)
  const stateEvents = state.events.map((stored) => presenter.present(stored, 'sync'))
  return {
    timeline: listed(events.map(afterComma)),
    limited: timeline.limited,
    prevBatch: timeline.prevBatch,
    state: listed([...stateEvents.map(afterComma), ...state.members]),
  }
}

/** Takes the first comma away from pieces that each begin with one. */
export function listed([first, ...others]: TextPieces): TextPieces {
  if (first === undefined) return []
  if (typeof first === 'string') return [first.slice(1), ...others]
  return [Buffer.isBuffer(first) ? first.subarray(1) : first.withoutComma(), ...others]
}

function afterComma(text: string): string {
  return `,${text}`
}

/** `"!room":{"invite_state":{…}}`. */
export function strippedText(
  roomId: string,
  key: 'invite_state' | 'knock_state',
  events: readonly string[],
): string {
  return member(roomId, `{${member(key, batch(events))}}`)
}

function batch(events: readonly string[]): string {
  return `{"events":[${events.join(',')}]}`
}

/** The counts: all threads as one, or each by itself where the client asks for that. */
function unreadMembers(unread: UnreadRoom, withThreads: boolean): readonly string[] {
  if (!withThreads) return [member('unread_notifications', counts(unreadInAll(unread)))]
  const threads = Array.from(unread)
    .filter(([thread]) => thread !== MAIN_THREAD)
    .map(([thread, count]) => member(thread, counts(count)))
  const main = member('unread_notifications', counts(unreadInMain(unread)))
  return threads.length === 0
    ? [main]
    : [main, member('unread_thread_notifications', `{${threads.join(',')}}`)]
}

function counts({ notifications, highlights }: UnreadCount): string {
  return `{"notification_count":${notifications},"highlight_count":${highlights}}`
}

function summaryText({ heroes, joined, invited }: SeenSummary): string {
  return JSON.stringify({
    'm.heroes': heroes,
    'm.joined_member_count': joined,
    'm.invited_member_count': invited,
  })
}
