import { loadPresenter } from '../history/event-presenter.ts'
import { unreadCounts } from '../push/unread-counts.ts'
import type { UnreadRoom } from '../push/unread-tally.ts'
import { roomBody, roomPieces, type RoomParts, type TextPieces } from './answer-text.ts'
import type { BegunAnswer } from './begin-answer.ts'
import type { ChangeSource } from './change-source.ts'
import { loadEphemerals } from './ephemeral-events.ts'
import { inForm } from './event-form.ts'
import { loadOutsideEnds } from './outside-ends.ts'
import { openedBody, openRooms } from './openings/opened-rooms.ts'
import { loadStates, NO_STATE, type RoomState } from './room-state.ts'
import type { RoomPlan } from './skeleton.ts'
import { readDeltas } from './state-changes.ts'
import { loadSummaries } from './summaries.ts'
import type { SyncRequest } from './sync-request.ts'
import type { SyncServices } from './sync-services.ts'
import { loadTimelines, type Timeline } from './timelines.ts'
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
  const opened = await openRooms(services, request, plans)
  const closed = plans.filter(({ roomNid }) => !opened.openings.has(roomNid))
  const [timelines, deltas] = await Promise.all([
    loadTimelines(services, source, request, closed),
    readDeltas(services, source, closed),
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
    loadStates(services, request, closed, timelines.byRoom, deltas, heroes),
    loadEphemerals(services, source, request, plans),
    unreadCounts(
      services,
      view.unread,
      new Map(
        plans.flatMap(({ section, roomNid, roomId }) => (section === 'join' ? [[roomNid, roomId]] : [])),
      ),
    ),
    loadOutsideEnds(services, request, closed),
  ])

  const partsOf = (plan: RoomPlan): RoomParts => ({
    plan,
    ephemeral: ephemerals.byRoom.get(plan.roomNid) ?? [],
    accountData: roomData.get(plan.roomNid) ?? [],
    summary: summaries.get(plan.roomNid),
    unread: unread.get(plan.roomNid) ?? NOTHING_UNREAD,
    withThreads: filter.room.timeline.unreadThreadNotifications,
  })
  const eventsOf = ({ roomNid }: RoomPlan): RoomEvents => ({
    timeline: timelines.byRoom.get(roomNid)!,
    state: states.get(roomNid) ?? NO_STATE,
    outsideEnd: outsideEnds.get(roomNid),
  })
  const shown = closed
    .map((plan) => ({ parts: partsOf(plan), events: eventsOf(plan) }))
    .filter(
      ({ parts, events }) => ephemerals.readByUser.has(parts.plan.roomNid) || saysSomething(parts, events),
    )
  const described = [...shown.flatMap(({ events }) => events.timeline.events), ...opened.own.values()]
  const presenter = await loadPresenter(
    services,
    services.replacedState,
    services.sent,
    viewer,
    [...described, ...shown.flatMap(({ events }) => events.state.events), ...opened.memberships.values()],
    described,
  )
  const formed = inForm(presenter, filter)
  const now = services.now()

  const sectionOf = (section: RoomPlan['section']): TextPieces[] => [
    ...shown
      .filter(({ parts }) => parts.plan.section === section)
      .map(({ parts, events: { timeline, state, outsideEnd } }) =>
        roomPieces(
          parts,
          roomBody(timeline, state, outsideEnd, formed, timelines.sightings),
          request.stateKey,
        ),
      ),
    ...plans
      .filter((plan) => plan.section === section && opened.openings.has(plan.roomNid))
      .map((plan) => roomPieces(partsOf(plan), openedBody(opened, plan, presenter, now), request.stateKey)),
  ]
  return { join: sectionOf('join'), leave: sectionOf('leave') }
}

/** The events of a room that is told to one user alone. */
interface RoomEvents {
  readonly timeline: Timeline
  readonly state: RoomState
  readonly outsideEnd: string | undefined
}

/** A room that has nothing to say is left out of an incremental answer. */
function saysSomething(
  { plan, ephemeral, accountData, summary }: RoomParts,
  { timeline, state, outsideEnd }: RoomEvents,
): boolean {
  if (plan.room.outside && plan.whole && outsideEnd === undefined) return false
  if (plan.section === 'leave' || plan.whole || summary !== undefined || timeline.limited) return true
  return [timeline.events, state.events, ephemeral, accountData].some((list) => list.length > 0)
}
