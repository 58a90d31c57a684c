import { loadPresenter } from '../history/event-presenter.ts'
import { unreadCounts } from '../push/unread-counts.ts'
import type { UnreadRoom } from '../push/unread-tally.ts'
import { roomPieces, type RoomParts, type TextPieces } from './answer-text.ts'
import type { BegunAnswer } from './begin-answer.ts'
import type { ChangeSource } from './change-source.ts'
import { loadEphemerals } from './ephemeral-events.ts'
import { inForm } from './event-form.ts'
import { loadOutsideEnds } from './outside-ends.ts'
import { loadStates, NO_STATE } from './room-state.ts'
import type { RoomPlan } from './skeleton.ts'
import { readDeltas } from './state-changes.ts'
import { loadSummaries } from './summaries.ts'
import type { SyncRequest } from './sync-request.ts'
import type { SyncServices } from './sync-services.ts'
import { loadTimelines } from './timelines.ts'
import type { UserView } from './user-view.ts'

const NOTHING_UNREAD: UnreadRoom = new Map()

/** JSON texts of rooms, each `"!room":{…}`. */
export interface RoomTexts {
  readonly join: readonly TextPieces[]
  readonly leave: readonly TextPieces[]
}

/**
 * Builds rooms of an answer: what fills them, then the rules, then the text. The number of queries does not depend on
 * the number of rooms; there is none when `source` remembers all and caches are warm.
 *
 * @param plans those of the answer, or some of them.
 */
export async function buildRooms(
  services: SyncServices,
  source: ChangeSource,
  request: SyncRequest,
  view: UserView,
  { roomData }: Pick<BegunAnswer, 'roomData'>,
  plans: readonly RoomPlan[],
): Promise<RoomTexts> {
  const { viewer, filter } = request
  const [timelines, deltas] = await Promise.all([
    loadTimelines(services, source, request, plans),
    readDeltas(services, source, plans),
  ])
  const memberType = await services.interner.typeNid('m.room.member')
  const peopled = plans.filter(
    ({ section, whole, roomNid }) =>
      section === 'join' && (whole || deltas.get(roomNid)?.some(({ typeNid }) => typeNid === memberType)),
  )
  const summaries = await loadSummaries(
    services,
    viewer,
    peopled.map(({ roomNid }) => roomNid),
  )
  const heroes = new Map(Array.from(summaries, ([roomNid, summary]) => [roomNid, summary.heroes] as const))
  const [states, ephemerals, unread, outsideEnds] = await Promise.all([
    loadStates(services, request, plans, timelines.byRoom, deltas, heroes),
    loadEphemerals(services, source, request, plans),
    unreadCounts(
      services,
      view.unread,
      new Map(
        plans.flatMap(({ section, roomNid, roomId }) => (section === 'join' ? [[roomNid, roomId]] : [])),
      ),
    ),
    loadOutsideEnds(services, request, plans),
  ])

  const shown = plans
    .map((plan): RoomParts & { readonly moved: boolean } => ({
      plan,
      timeline: timelines.byRoom.get(plan.roomNid)!,
      outsideEnd: outsideEnds.get(plan.roomNid),
      state: states.get(plan.roomNid) ?? NO_STATE,
      ephemeral: ephemerals.byRoom.get(plan.roomNid) ?? [],
      accountData: roomData.get(plan.roomNid) ?? [],
      summary: summaries.get(plan.roomNid),
      unread: unread.get(plan.roomNid) ?? NOTHING_UNREAD,
      withThreads: filter.room.timeline.unreadThreadNotifications,
      moved: ephemerals.readByUser.has(plan.roomNid),
    }))
    .filter((parts) => parts.moved || saysSomething(parts))
  const described = shown.flatMap(({ timeline }) => timeline.events)
  const presenter = inForm(
    await loadPresenter(
      services,
      services.replacedState,
      services.sent,
      viewer,
      [...described, ...shown.flatMap(({ state }) => state.events)],
      described,
    ),
    filter,
  )

  const sectionOf = (section: RoomPlan['section']): TextPieces[] =>
    shown
      .filter(({ plan }) => plan.section === section)
      .map((parts) => roomPieces(parts, presenter, timelines.sightings, request.stateKey))
  return { join: sectionOf('join'), leave: sectionOf('leave') }
}

/** A room that has nothing to say is left out of an incremental answer. */
function saysSomething(parts: RoomParts): boolean {
  const { plan, timeline, outsideEnd, state, ephemeral, accountData, summary } = parts
  if (plan.room.outside && plan.whole && outsideEnd === undefined) return false
  if (plan.section === 'leave' || plan.whole || summary !== undefined || timeline.limited) return true
  return [timeline.events, state.events, ephemeral, accountData].some((list) => list.length > 0)
}
