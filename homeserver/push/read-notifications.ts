import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { STREAM_START, streamPosition, type StreamPosition } from '../../storage/position/position.ts'
import { notifyingEvents, type NotifyingEvent } from '../../storage/push/notifications-reader.ts'
import { loadPresenter } from '../history/event-presenter.ts'
import { sightOf } from '../history/event-sight.ts'
import type { Viewer } from '../history/read-services.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { threadsFollowed } from '../../storage/relations/thread-subscription-reader.ts'
import type { ThreadPlace } from '../../storage/relations/thread-subscription-write.ts'
import { threadRootOf } from '../relations/thread-root.ts'
import { eventToPush, hear } from './listener.ts'
import type { PushOutcome } from '../../protocol/push-rules/push-outcome.ts'

/** The types of which the default rules notify. */
export const NOTIFYING_TYPES = [
  'm.room.message',
  'm.room.encrypted',
  'm.call.invite',
  'org.matrix.msc3381.poll.start',
  'org.matrix.msc3381.poll.end',
]

/** A page ends after as many looks: who has silenced all their rooms gets a short one, and a token to go on with. */
const MAX_ROUNDS = 5

/** Candidates of a look; few notices and edits are among what notifies. */
const MIN_CANDIDATES = 50

/** Which notifications are asked for. */
export interface NotificationsRequest {
  readonly before: StreamPosition | undefined
  readonly limit: number
  readonly onlyHighlights: boolean
}

/** A page of notifications: JSON texts, newest first, and where the next one begins if there may be more. */
export interface NotificationsPage {
  readonly notifications: readonly string[]
  readonly next: StreamPosition | undefined
}

/** A notification as it is found. */
export interface FoundNotification {
  readonly candidate: NotifyingEvent
  readonly stored: StoredEvent
  readonly outcome: PushOutcome
}

/**
 * What a user has been notified of (client-server API, "Listing notifications"): found among the events of the rooms
 * that they are in and judged by their rules as they are now.
 */
export async function readNotifications(
  services: SyncServices,
  viewer: Viewer,
  { before, limit, onlyHighlights }: NotificationsRequest,
): Promise<NotificationsPage> {
  const { rooms } = await services.views.of(viewer.userNid)
  const wanted = Array.from(rooms.values())
    .filter(({ membership }) => membership === 'join')
    .map(({ roomNid, joinedAt }) => ({ roomNid, after: joinedAt ?? STREAM_START }))
  const known = onlyHighlights ? new Map() : await services.interner.findTypeNids(NOTIFYING_TYPES)
  const types = [...known.values()]
  const perLook = Math.max(limit, MIN_CANDIDATES)
  const found: FoundNotification[] = []
  let end = before ?? streamPosition(Number.MAX_SAFE_INTEGER)
  let more = true
  for (let round = 0; more && found.length < limit && round < MAX_ROUNDS; round++) {
    const candidates = await notifyingEvents(services.queries, viewer.userNid, wanted, {
      before: end,
      limit: perLook,
      types,
    })
    more = candidates.length === perLook
    end = candidates.at(-1)?.streamPos ?? end
    found.push(...(await judgeNotifications(services, viewer, candidates, onlyHighlights)))
  }
  const page = found.slice(0, limit)
  const cut = found.length > limit
  return {
    notifications: await present(services, viewer, page),
    next: cut ? page.at(-1)!.candidate.streamPos : more ? end : undefined,
  }
}

/** Those that notify by the user's rules, and that the user may see. */
export async function judgeNotifications(
  services: SyncServices,
  viewer: Pick<Viewer, 'userNid' | 'userId'>,
  candidates: readonly NotifyingEvent[],
  onlyHighlights: boolean,
): Promise<readonly FoundNotification[]> {
  const { events, audience, views, openHistories } = services
  const [listener] = await audience.of(new Map([[viewer.userNid, viewer.userId]]))
  const stored = await events.byPlaces(candidates)
  const view = await views.of(viewer.userNid)
  const sightings = await sightOf(services, openHistories, viewer, view.rooms, [...stored.values()])
  const counts = await memberCounts(services, candidates)
  const isFollowed = await followedThreads(services, viewer.userNid, [...stored.values()])
  return candidates.flatMap((candidate) => {
    const event = stored.get(candidate.eventNid)
    const isOwn = event?.event.type === 'm.room.member' && event.event.stateKey === viewer.userId
    const isVisible = isOwn || sightings.get(candidate.eventNid)?.visible === true
    if (!event || !isVisible || event.redactedBy !== undefined) return []
    const outcome = hear(listener!, eventToPush(event.event), {
      displayName: undefined,
      memberCount: counts.get(candidate.roomNid) ?? 0,
      inSubscribedThread: isFollowed(event),
      // Whether the sender may notify the room was decided when the event came.
      senderPower: candidate.toRoom ? Infinity : -Infinity,
      powerLevels: undefined,
    })
    return outcome && (outcome.highlight || !onlyHighlights) ? [{ candidate, stored: event, outcome }] : []
  })
}

/** Tells of events whether the user follows their thread; undefined in no thread, and where nobody follows any. */
async function followedThreads(
  { audience, queries }: SyncServices,
  userNid: UserNid,
  events: readonly StoredEvent[],
): Promise<(event: StoredEvent) => boolean | undefined> {
  if (!audience.followsThreads) return () => undefined
  const threadOf = ({ roomNid, event }: StoredEvent) => {
    const rootEventId = threadRootOf(event)
    return rootEventId === undefined ? [] : [{ roomNid, rootEventId }]
  }
  const nameOf = ({ roomNid, rootEventId }: ThreadPlace): string => `${roomNid}/${rootEventId}`
  const followed = new Set((await threadsFollowed(queries, userNid, events.flatMap(threadOf))).map(nameOf))
  return (event) => {
    const [thread] = threadOf(event)
    return thread && followed.has(nameOf(thread))
  }
}

async function memberCounts(
  { audience }: SyncServices,
  candidates: readonly NotifyingEvent[],
): Promise<ReadonlyMap<RoomNid, number>> {
  const rooms = [...new Set(candidates.map(({ roomNid }) => roomNid))]
  return new Map(
    await Promise.all(rooms.map(async (roomNid) => [roomNid, await audience.memberCount(roomNid)] as const)),
  )
}

async function present(
  services: SyncServices,
  viewer: Viewer & { readonly userNid: UserNid },
  page: readonly FoundNotification[],
): Promise<readonly string[]> {
  const { replacedState, sent } = services
  const events = page.map(({ stored }) => stored)
  const presenter = await loadPresenter(services, replacedState, sent, viewer, events, events)
  return page.map(({ stored, outcome, candidate }) => {
    const about = {
      room_id: stored.event.roomId,
      ts: stored.receivedTs,
      read: candidate.read,
      actions: outcome.actions,
    }
    return `${JSON.stringify(about).slice(0, -1)},"event":${presenter.present(stored, 'sync')}}`
  })
}
