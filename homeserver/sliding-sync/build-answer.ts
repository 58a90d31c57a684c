import type { RoomNid } from '../../storage/numeric-ids.ts'
import { isAfter, laterOf, type StreamPosition } from '../../storage/position/position.ts'
import { loadPresenter, type EventPresenter } from '../history/event-presenter.ts'
import type { ChangeSource } from '../sync/change-source.ts'
import type { Timelines } from '../sync/timelines.ts'
import type { UserView } from '../sync/user-view.ts'
import { chooseRooms } from './choose-rooms.ts'
import { ConnectionChanges } from './connection-changes.ts'
import type { OpenConnection } from './connections.ts'
import type { ExtensionPart } from './extensions/sliding-extension.ts'
import { readExtensions } from './extensions/read-extensions.ts'
import { unreadInAll, type UnreadRoom } from '../push/unread-tally.ts'
import { unreadCounts } from '../push/unread-counts.ts'
import { hydrateRooms, type HydratedRoom } from './hydrate-rooms.ts'
import { planRooms, type SlidingPlan } from './plan-rooms.ts'
import { saysSomething, type RoomResult } from './room-result.ts'
import type { SlidingRequest } from './sliding-request.ts'
import type { SlidingServices } from './sliding-services.ts'
import { unknownPos } from './sliding-token.ts'
import type { StreamToken } from '../sync/tokens.ts'
import { listRooms } from './user-room-list.ts'

/** Who comes back after so long … */
const LONG_IDLE_MS = 3_600_000
/** … to news in so many rooms is faster with a fresh start. */
const MANY_ROOMS = 100
const NOTHING_UNREAD: UnreadRoom = new Map()

/** An answer, before it is put into a wire form. */
export interface SlidingAnswer {
  readonly rooms: readonly RoomResult[]
  /** How many rooms each list holds. */
  readonly counts: ReadonlyMap<string, number>
  readonly extensions: ReadonlyMap<string, ExtensionPart>
  readonly presenter: EventPresenter
  readonly sightings: Timelines['sightings']
  readonly hasNews: boolean
  /** Up to where the answer goes. */
  readonly stream: StreamToken
  readonly changes: ConnectionChanges
}

/**
 * Builds the answer to a request as of now: skeleton, then what fills it, then the rules, then the forms. The number
 * of queries does not depend on the number of rooms.
 *
 * @throws MatrixError 400 M_UNKNOWN_POS where the client would be faster with a fresh start.
 */
export async function buildAnswer(
  services: SlidingServices,
  source: ChangeSource,
  request: SlidingRequest,
  connection: OpenConnection,
  view: UserView,
): Promise<SlidingAnswer> {
  const { viewer } = request
  const { ephemeral, committer, interner } = services
  const { state } = connection
  const since = request.since?.stream.position
  const head = since === undefined ? committer.head : laterOf(committer.head, since)
  // Copied in the same turn as the head: a room that changes from here on belongs to the next answer.
  const rooms = [...view.rooms.values()]
  const seen = { epoch: ephemeral.epoch, version: ephemeral.version }

  const subscribed = await interner.findRooms(request.subscriptions.keys())
  const subscriptions = new Map(
    Array.from(subscribed, ([roomId, roomNid]) => [roomNid, request.subscriptions.get(roomId)!]),
  )
  const list = await listRooms(services, viewer, rooms, state, new Set(subscriptions.keys()))
  const choice = await chooseRooms(services, request, list, subscriptions)
  const [roomIds, labels] = await Promise.all([
    interner.roomIds(choice.rooms.keys()),
    services.labels.of(viewer.userNid),
  ])
  const changes = new ConnectionChanges(state)
  const plans = await planRooms(source, { choice, rooms, roomIds, labels, state, since, head }, changes)
  if (connection.idleMs > LONG_IDLE_MS && plans.length > MANY_ROOMS) throw unknownPos()

  const hydrated = await hydrateRooms(services, source, request, plans)
  const joined = plans.filter(({ room }) => room.membership === 'join')
  const unread = await unreadCounts(
    services,
    view.unread,
    new Map(joined.map(({ roomNid, roomId }) => [roomNid, roomId])),
  )
  const readByUser = await roomsReadByUser(source, request, plans)
  const results = hydrated.rooms.map((result): RoomResult => {
    const { plan } = result
    const { roomNid, room, isDm, initial, dmChanged } = plan
    return {
      ...result,
      bumpStamp: bumpStampOf(plan, list.activity.get(roomNid)?.bumped),
      isDm: dmChanged || (initial && isDm) ? isDm : undefined,
      unread: room.membership === 'join' ? unreadInAll(unread.get(roomNid) ?? NOTHING_UNREAD) : undefined,
    }
  })
  for (const room of hydrated.rooms) noteSent(changes, room)
  const shown = results.filter((result) => saysSomething(result) || readByUser.has(result.plan.roomNid))
  const extensions = await readExtensions({
    services, source, request, choice, roomIds, state, changes, since, head,
    seen: request.since?.stream.ephemeral,
    shown: new Map(
      shown.filter(({ plan }) => plan.initial || plan.expanded).map(({ plan, timeline }) => [plan.roomNid, timeline]),
    ),
  }) // prettier-ignore
  const described = shown.flatMap(({ timeline }) => timeline?.events ?? [])
  return {
    rooms: shown,
    counts: choice.counts,
    extensions,
    sightings: hydrated.sightings,
    presenter: await loadPresenter(
      services,
      services.replacedState,
      services.sent,
      viewer,
      [...described, ...shown.flatMap(({ required }) => required)],
      described,
    ),
    hasNews: shown.length > 0 || [...extensions.values()].some((part) => part.hasNews),
    stream: { kind: 'stream', position: head, ephemeral: seen },
    changes,
  }
}

/** Notes what the client has of a room once it has the answer. */
function noteSent(changes: ConnectionChanges, { plan, timeline, members }: HydratedRoom): void {
  const { roomNid, config, isDm, initial, stripped, sent, chosen } = plan
  const { timelineLimit } = chosen.config
  // A hole in the timeline leaves the client with what lies above it.
  const anew = initial || timeline?.limited === true
  changes.update(roomNid, {
    events: 'live',
    config,
    isDm,
    members: stripped ? [] : members,
    timelineLimit: stripped ? 0 : anew ? timelineLimit : Math.max(sent.timelineLimit, timelineLimit),
  })
}

/** Rooms that the user has read further, whose counts have changed with it. */
async function roomsReadByUser(
  source: ChangeSource,
  { viewer }: SlidingRequest,
  plans: readonly SlidingPlan[],
): Promise<ReadonlySet<RoomNid>> {
  const stretches = plans.flatMap(({ roomNid, after, upTo, section, stripped }) =>
    after === undefined || section === 'leave' || stripped ? [] : [{ roomNid, after, upTo }],
  )
  const receipts = stretches.length > 0 ? await source.receipts(stretches) : []
  return new Set(receipts.filter(({ userNid }) => userNid === viewer.userNid).map(({ roomNid }) => roomNid))
}

/** Where the user is not joined, the moment of that is what orders the room. */
function bumpStampOf(plan: SlidingPlan, bumped: StreamPosition | undefined): StreamPosition | undefined {
  const { room, initial, after, membershipChanged } = plan
  if (room.membership !== 'join') return initial || membershipChanged ? room.since : undefined
  const stamp = bumped ?? room.joinedAt ?? room.since
  return initial || after === undefined || isAfter(stamp, after) ? stamp : undefined
}
