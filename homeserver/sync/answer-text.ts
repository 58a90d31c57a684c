import { MAIN_THREAD } from '../../storage/rooms/threads.ts'
import { unreadInAll, unreadInMain, type UnreadCount, type UnreadRoom } from '../push/unread-tally.ts'
import type { EventPresenter } from '../history/event-presenter.ts'
import type { BegunAnswer } from './begin-answer.ts'
import type { RoomTexts } from './build-rooms.ts'
import type { RoomState } from './room-state.ts'
import type { RoomPlan } from './skeleton.ts'
import type { SeenSummary } from './summaries.ts'
import type { StateKey } from './sync-request.ts'
import type { Timeline, Timelines } from './timelines.ts'

/** All that an answer says of one joined or left room. */
export interface RoomParts {
  readonly plan: RoomPlan
  readonly timeline: Timeline
  /** The event that ended an invite or a knock in a room that this server is not in. */
  readonly outsideEnd: string | undefined
  readonly state: RoomState
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

/** JSON text in pieces, some of them bytes that are shared. */
export type TextPieces = readonly (string | Buffer)[]

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
  return `{${members.join(',')},"rooms":{"invite":{${invite.join(',')}},"knock":{${knock.join(',')}},"leave":{`
}

/** What stands between the left rooms and the joined ones. */
export const BETWEEN_SECTIONS = '},"join":{'

/** What comes after the joined rooms. */
export const ANSWER_END = '}}}'

/** `"!room":{…}` of a joined or left room. */
export function roomPieces(
  parts: RoomParts,
  presenter: EventPresenter,
  sightings: Timelines['sightings'],
  stateKey: StateKey,
): TextPieces {
  const { plan, timeline, state, ephemeral, accountData, summary, unread } = parts
  const events = timeline.events.map((stored) =>
    presenter.present(stored, 'sync', sightings.get(stored.eventNid)?.membership),
  )
  if (parts.outsideEnd !== undefined) events.push(parts.outsideEnd)
  const stateEvents = state.events.map((stored) => presenter.present(stored, 'sync'))
  const [first, ...others] = state.members
  // Each of them has its comma before it.
  const members = first && stateEvents.length === 0 ? [first.subarray(1), ...others] : state.members
  const rest = [member('account_data', batch(accountData))]
  if (plan.section === 'join') {
    rest.push(member('ephemeral', batch(ephemeral)), ...unreadMembers(unread, parts.withThreads))
    if (summary) rest.push(member('summary', summaryText(summary)))
  }
  return [
    `${JSON.stringify(plan.roomId)}:{"timeline":{"events":[`,
    ...listed(events),
    `],"limited":${timeline.limited},"prev_batch":${JSON.stringify(timeline.prevBatch)}},"${stateKey}":{"events":[`,
    ...listed(stateEvents),
    ...members,
    `]},${rest.join(',')}}`,
  ]
}

/** With commas between them. */
function listed(events: readonly string[]): string[] {
  return events.map((event, index) => (index === 0 ? event : `,${event}`))
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
