import type { Dispatcher } from 'undici'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { Pusher } from '../../../storage/pushers/pusher.ts'
import type { PushConfig } from '../../config/sections/push.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import type { Pushers } from '../pushers/pushers.ts'
import { GatewayError, notifyGateway } from './gateway-client.ts'
import type { TurnResult } from './gateway-lane.ts'
import { badgeBody, notificationBody, wantsIdOnly } from './notification-body.ts'
import type { Notice } from './notice.ts'
import type { PusherQueue, PushTask } from './pusher-queue.ts'
import { readMissed } from './read-missed.ts'
import { unreadOf } from './unread-badges.ts'

/** What is older is no news any more, as in Synapse: a gateway that was away for a day does not ring for all of it. */
const MAX_AGE_MS = 24 * 3_600_000

const NO_NAMES = { sender: undefined, room: undefined, roomAlias: undefined }

/** What a pusher's turn works with. */
export interface TurnContext {
  readonly services: SyncServices
  readonly pushers: Pushers
  readonly config: PushConfig
  readonly dispatcher: Dispatcher
  readonly stop: AbortSignal
  /** Up to where the stream has been handed out. */
  readonly spreadTo: () => StreamPosition
  readonly onError: (error: unknown) => void
}

/** Does what is next for a pusher: one request to its gateway at most. */
export async function takeTurn(context: TurnContext, queue: PusherQueue): Promise<TurnResult> {
  const { now } = context.services
  const task = queue.next(now())
  if (!task) return 'fine'
  try {
    queue.done(await perform(context, queue, task))
    return 'fine'
  } catch (error) {
    const away = error instanceof GatewayError
    queue.failed(now(), away ? error.retryAfterMs : undefined)
    if (context.stop.aborted) return 'fine'
    if (!away) context.onError(error)
    return away ? 'away' : 'fine'
  }
}

/** Returns the badge that the gateway knows now, where it was told one. */
async function perform(
  context: TurnContext,
  queue: PusherQueue,
  task: PushTask,
): Promise<number | undefined> {
  switch (task.kind) {
    case 'catch-up': {
      const until = context.spreadTo()
      queue.caughtUp(await readMissed(context.services, queue.pusher, task.after, until), until)
      queue.checkBadgeAt(0)
      return undefined
    }
    case 'notice':
      return tellNotice(context, queue, task.notice)
    case 'badge':
      return tellBadge(context, queue)
  }
}

async function tellNotice(
  context: TurnContext,
  queue: PusherQueue,
  notice: Notice,
): Promise<number | undefined> {
  const { services, config } = context
  const { pusher } = queue
  const { event } = notice
  const unread = await unreadOf(services, pusher.userNid, config)
  const isNews = event.receivedTs > services.now() - MAX_AGE_MS
  if (!isNews || unread.hasRead(event) || (await isRedacted(context, notice))) {
    if (unread.badge !== queue.badge) queue.checkBadgeAt(0)
    return undefined
  }
  const names = wantsIdOnly(pusher) ? NO_NAMES : await event.names()
  const facts = { badge: unread.badge, names, includesContent: config.includesContent }
  await send(context, pusher, notificationBody(pusher, notice, facts))
  queue.told(notice, services.now())
  return unread.badge
}

async function tellBadge(context: TurnContext, queue: PusherQueue): Promise<number> {
  const { badge } = await unreadOf(context.services, queue.pusher.userNid, context.config)
  if (badge !== queue.badge) await send(context, queue.pusher, badgeBody(queue.pusher, badge))
  return badge
}

async function isRedacted({ services }: TurnContext, { event }: Notice): Promise<boolean> {
  const { eventNid, roomNid } = event
  if (eventNid === undefined) return false
  const stored = await services.events.byPlaces([{ roomNid, eventNid }])
  return stored.get(eventNid)?.redactedBy !== undefined
}

async function send(
  { dispatcher, stop, pushers }: TurnContext,
  pusher: Pusher,
  body: JsonObject,
): Promise<void> {
  const rejected = await notifyGateway(dispatcher, String(pusher.about.data['url']), body, stop)
  if (rejected.includes(pusher.pushkey)) await pushers.remove(pusher.userNid, pusher.appId, pusher.pushkey)
}
