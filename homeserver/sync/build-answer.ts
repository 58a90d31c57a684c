import { allAccountData } from '../../storage/accounts/account-data-reader.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { laterOf, type StreamPosition } from '../../storage/position/position.ts'
import { loadPresenter } from '../history/event-presenter.ts'
import { welcomeOf } from '../moderation/welcome-invites.ts'
import {
  globalAccountData,
  loadAccountData,
  roomAccountData,
  type AccountData,
} from './account-data-events.ts'
import { answerText, roomText, strippedText, type RoomParts } from './answer-text.ts'
import { unreadCounts } from '../push/unread-counts.ts'
import type { UnreadRoom } from '../push/unread-tally.ts'
import type { ChangeSource } from './change-source.ts'
import { hasTypingNews, loadEphemerals, mayHaveTypingNews } from './ephemeral-events.ts'
import { inForm } from './event-form.ts'
import { loadOutsideEnds } from './outside-ends.ts'
import { readProvided } from './read-provided.ts'
import type { SyncStretch } from './stream-provider.ts'
import { loadStates } from './room-state.ts'
import { planRooms, type RoomPlan } from './skeleton.ts'
import { readDeltas } from './state-changes.ts'
import { loadStrippedRooms } from './stripped-rooms.ts'
import { loadSummaries } from './summaries.ts'
import type { SyncRequest } from './sync-request.ts'
import type { SyncServices } from './sync-services.ts'
import { loadTimelines } from './timelines.ts'
import { formatToken, type StreamToken } from './tokens.ts'
import type { UserView } from './user-view.ts'

const NOTHING_UNREAD: UnreadRoom = new Map()

/** An answer that may be given at once, or thrown away while there is still time to wait. */
export interface SyncAnswer {
  readonly text: string
  readonly hasNews: boolean
  /** Where the next answer begins. */
  readonly next: StreamToken
}

/**
 * Builds the answer to a sync as of now: skeleton, then what fills it, then the rules, then the text. The number of
 * queries does not depend on the number of rooms; there is none when `source` remembers all and caches are warm.
 */
export async function buildAnswer(
  services: SyncServices,
  source: ChangeSource,
  request: SyncRequest,
  view: UserView,
): Promise<SyncAnswer> {
  const { viewer, since, filter } = request
  const { ephemeral } = services
  const head = since ? laterOf(services.committer.head, since.position) : services.committer.head
  // Copied in the same turn as the head: a room that changes from here on belongs to the next answer.
  const userRooms = [...view.rooms.values()]
  const current = { epoch: ephemeral.epoch, version: ephemeral.version }
  const next: StreamToken = {
    kind: 'stream',
    position: head,
    ephemeral: request.durableOnly && since ? since.ephemeral : current,
  }

  const accountData = await loadAccountData(services, source, request, head)
  const skeleton = await planRooms(services, source, view.userNid, userRooms, request, head, {
    accountData: accountData.rooms,
    typing: (roomIds) => roomsWithTypingNews(services, request, roomIds),
  })
  const plans = skeleton.rooms

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
  const [states, ephemerals, unread, stripped, outsideEnds, provided, roomData] = await Promise.all([
    loadStates(services, request, plans, timelines.byRoom, deltas, heroes),
    loadEphemerals(services, source, request, plans),
    unreadCounts(
      services,
      view.unread,
      new Map(
        plans.flatMap(({ section, roomNid, roomId }) => (section === 'join' ? [[roomNid, roomId]] : [])),
      ),
    ),
    loadStrippedRooms(services, viewer, [...skeleton.invited, ...skeleton.knocked]),
    loadOutsideEnds(services, request, plans),
    readProvided(services.providers, viewer, stretchOf(request, head), filter),
    dataOfRooms(services, request, accountData, plans),
  ])

  const shown = plans
    .map((plan): RoomParts & { readonly moved: boolean } => ({
      plan,
      timeline: timelines.byRoom.get(plan.roomNid)!,
      outsideEnd: outsideEnds.get(plan.roomNid),
      state: states.get(plan.roomNid) ?? [],
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
      [...described, ...shown.flatMap(({ state }) => state)],
      described,
    ),
    filter,
  )

  const sectionOf = (section: RoomPlan['section']): string[] =>
    shown
      .filter(({ plan }) => plan.section === section)
      .map((parts) => roomText(parts, presenter, timelines.sightings, request.stateKey))
  const isWelcome = await welcomeOf(services, viewer.userNid)
  const strippedOf = (rooms: typeof skeleton.invited, key: 'invite_state' | 'knock_state'): string[] =>
    rooms.flatMap(({ roomNid }) => {
      const room = stripped.get(roomNid)
      if (!room || (key === 'invite_state' && room.sender !== undefined && !isWelcome(room.sender))) return []
      return [strippedText(skeleton.roomIds.get(roomNid)!, key, room.events)]
    })
  const parts = {
    nextBatch: formatToken(next),
    accountData: globalAccountData(accountData, request),
    join: sectionOf('join'),
    leave: sectionOf('leave'),
    invite: strippedOf(skeleton.invited, 'invite_state'),
    knock: strippedOf(skeleton.knocked, 'knock_state'),
    provided: provided.fields,
  }
  const { join, leave, invite, knock } = parts
  const hasNews =
    provided.hasNews || [parts.accountData, join, leave, invite, knock].some((list) => list.length > 0)
  return { text: answerText(parts), hasNews, next }
}

function stretchOf({ since, received, durableOnly }: SyncRequest, upTo: StreamPosition): SyncStretch {
  return {
    after: since?.position,
    upTo,
    received: received === 'nothing' ? undefined : (received ?? since)?.position,
    seen: since?.ephemeral,
    durableOnly: durableOnly === true,
  }
}

/** A room that has nothing to say is left out of an incremental answer. */
function saysSomething(parts: RoomParts): boolean {
  const { plan, timeline, outsideEnd, state, ephemeral, accountData, summary } = parts
  if (plan.room.outside && plan.whole && outsideEnd === undefined) return false
  if (plan.section === 'leave' || plan.whole || summary !== undefined || timeline.limited) return true
  return [timeline.events, state, ephemeral, accountData].some((list) => list.length > 0)
}

/** Account data of rooms: what changed, and all that there is of rooms that are new to the client. */
async function dataOfRooms(
  services: SyncServices,
  request: SyncRequest,
  changed: AccountData,
  plans: readonly RoomPlan[],
): Promise<ReadonlyMap<RoomNid, readonly string[]>> {
  const fresh = new Set(plans.filter(({ newlyJoined }) => newlyJoined).map(({ roomNid }) => roomNid))
  if (fresh.size === 0) return roomAccountData(changed, request)
  const all = await allAccountData(services.queries, request.viewer.userNid, services.committer.head)
  const entries = [
    ...changed.entries.filter(({ roomNid }) => !fresh.has(roomNid)),
    ...all.filter(({ roomNid }) => fresh.has(roomNid)),
  ]
  return roomAccountData({ ...changed, entries }, request)
}

function roomsWithTypingNews(
  { ephemeral }: SyncServices,
  { since, durableOnly }: SyncRequest,
  roomIds: ReadonlyMap<RoomNid, string>,
): ReadonlySet<RoomNid> {
  if (durableOnly || (since && !mayHaveTypingNews(ephemeral, since.ephemeral))) return new Set()
  const changed = [...roomIds].filter(([, roomId]) => hasTypingNews(ephemeral, roomId, since?.ephemeral))
  return new Set(changed.map(([roomNid]) => roomNid))
}
