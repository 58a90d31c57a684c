import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { newestPlace } from '../../storage/history/history-reader.ts'
import {
  countThreadSubscriptions,
  findThreadSubscription,
  type ThreadSubscription,
} from '../../storage/relations/thread-subscription-reader.ts'
import { THREAD_SUBSCRIPTION, type ThreadPlace } from '../../storage/relations/thread-subscription-write.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { Viewer } from '../history/read-services.ts'
import { findVisibleEvent } from '../history/visible-event.ts'
import { threadRootOf } from '../relations/thread-root.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { OneAtATime } from '../turns/one-at-a-time.ts'

/** Somebody who takes part in ten threads a day needs fourteen years for so many; they are told at every first sync. */
const MAX_THREADS_PER_USER = 50_000

/** A thread as requests name it. */
export interface NamedThread {
  readonly roomId: string
  readonly rootEventId: string
}

/** What each user does to threads follows one after another. */
const turns = new OneAtATime()

/**
 * A user's subscription to a thread (MSC4306).
 *
 * @throws MatrixError 404 M_NOT_FOUND where there is none, or no such event for the user.
 */
export async function readSubscription(
  services: SyncServices,
  viewer: Viewer,
  thread: NamedThread,
): Promise<ThreadSubscription> {
  const place = await placeOf(services, viewer, thread)
  const subscription = await findThreadSubscription(services.queries, viewer.userNid, place)
  if (!subscription?.subscribed) throw notFound('You have not subscribed to this thread')
  return subscription
}

/**
 * Subscribes a user to a thread. What the user did by hand stays as it is when a client subscribes of its own accord.
 *
 * @param causeEventId the event of the thread for which the client subscribes of its own accord.
 * @throws MatrixError 404 M_NOT_FOUND; 400 for a cause that is not in the thread; 409 for one from before the user left.
 */
export async function subscribe(
  services: SyncServices,
  viewer: Viewer,
  thread: NamedThread,
  causeEventId: string | undefined,
): Promise<void> {
  const place = await placeOf(services, viewer, thread)
  const cause = causeEventId === undefined ? undefined : await causeOf(services, viewer, thread, causeEventId)
  const automatic = cause !== undefined
  const { userNid } = viewer
  await turns.take(String(userNid), async () => {
    const known = await findThreadSubscription(services.queries, userNid, place)
    if (known?.subscribed && (automatic || !known.automatic)) return
    if (cause && known && !isAfterLeaving(cause, known)) {
      throw new MatrixError(409, CONFLICTING, 'You have left this thread after the event that you name')
    }
    if (!known && (await countThreadSubscriptions(services.queries, userNid)) >= MAX_THREADS_PER_USER) {
      const sentence = `A user follows ${MAX_THREADS_PER_USER} threads at most, those that they left included`
      throw new MatrixError(400, 'M_LIMIT_EXCEEDED', sentence)
    }
    const write = { ...place, userNid, subscribed: true, automatic, leftAt: null }
    await services.committer.submit(THREAD_SUBSCRIPTION, write)
  })
}

/** Ends a subscription; one that is not there stays so. @throws MatrixError 404 M_NOT_FOUND without such an event. */
export async function unsubscribe(
  services: SyncServices,
  viewer: Viewer,
  thread: NamedThread,
): Promise<void> {
  const place = await placeOf(services, viewer, thread)
  const { userNid } = viewer
  await turns.take(String(userNid), async () => {
    const known = await findThreadSubscription(services.queries, userNid, place)
    if (!known?.subscribed) return
    const leftAt = (await newestPlace(services.queries, place.roomNid)) ?? 0
    const write = { ...place, userNid, subscribed: false, automatic: false, leftAt }
    await services.committer.submit(THREAD_SUBSCRIPTION, write)
  })
}

const NOT_IN_THREAD = 'IO.ELEMENT.MSC4306.M_NOT_IN_THREAD'
const CONFLICTING = 'IO.ELEMENT.MSC4306.M_CONFLICTING_UNSUBSCRIPTION'

async function placeOf(
  services: SyncServices,
  viewer: Viewer,
  { roomId, rootEventId }: NamedThread,
): Promise<ThreadPlace> {
  const root = await findVisibleEvent(services, viewer, roomId, rootEventId)
  if (!root) throw notFound('There is no such event, or you may not see it')
  return { roomNid: root.stored.roomNid, rootEventId }
}

async function causeOf(
  services: SyncServices,
  viewer: Viewer,
  { roomId, rootEventId }: NamedThread,
  eventId: string,
): Promise<StoredEvent> {
  const cause = await findVisibleEvent(services, viewer, roomId, eventId)
  if (!cause) throw notFound('There is no event `automatic`, or you may not see it')
  if (threadRootOf(cause.stored.event) === rootEventId) return cause.stored
  throw new MatrixError(400, NOT_IN_THREAD, '`automatic` must name an event of the thread')
}

/** Events that came later stand above; history that came later stands below. */
function isAfterLeaving({ historyPos }: StoredEvent, { leftAt }: ThreadSubscription): boolean {
  return leftAt === null || (historyPos !== undefined && historyPos > leftAt)
}

function notFound(sentence: string): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', sentence)
}
