import type { UserNid } from '../../../storage/numeric-ids.ts'
import { isAfter, laterOf, streamPosition, type StreamPosition } from '../../../storage/position/position.ts'
import { outsideInvitesAfter } from '../../../storage/push/events-to-push.ts'
import { notifyingEvents, type NotifyingEvent } from '../../../storage/push/notifications-reader.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import { judgeNotifications, NOTIFYING_TYPES } from '../read-notifications.ts'
import { lazyEventNames } from './event-names.ts'
import { pushedEvent, type Notice } from './notice.ts'
import { judgeOutsideInvite } from './outside-invites.ts'

/** What a user gets told who was away from it for long; of more than this, the newest. */
const MAX_MISSED = 200
/** Candidates of a look. */
const PAGE = 100
const END = streamPosition(Number.MAX_SAFE_INTEGER)

/**
 * What a user has not been told of a part of the stream and has not read since, oldest first, by their rules as they
 * are now.
 */
export async function readMissed(
  services: SyncServices,
  user: { readonly userNid: UserNid; readonly userId: string },
  after: StreamPosition,
  until: StreamPosition,
): Promise<readonly Notice[]> {
  const { views, interner, queries } = services
  const { rooms } = await views.of(user.userNid)
  const wanted = Array.from(rooms.values()).flatMap(({ roomNid, membership, joinedAt, outside, since }) => {
    if (membership === 'join') return [{ roomNid, after: laterOf(after, joinedAt ?? after) }]
    return membership === 'invite' && !outside && isAfter(since, after) ? [{ roomNid, after }] : []
  })
  const types = [...(await interner.findTypeNids(NOTIFYING_TYPES)).values()]
  const found: Notice[] = []
  let before = END
  while (found.length < MAX_MISSED) {
    const candidates: NotifyingEvent[] = await notifyingEvents(queries, user.userNid, wanted, {
      before,
      limit: PAGE,
      types,
    })
    before = candidates.at(-1)?.streamPos ?? before
    const unread = candidates.filter(({ read, streamPos }) => !read && !isAfter(streamPos, until))
    found.push(...(await noticesOf(services, user, unread, after)))
    if (candidates.length < PAGE) break
  }
  const invites = await outsideInvitesAfter(queries, after, user)
  for (const invite of invites) {
    if (isAfter(invite.position, until)) continue
    const notice = await judgeOutsideInvite(services, invite, user.userId, after)
    if (notice) found.unshift(notice)
  }
  return found.slice(0, MAX_MISSED).reverse()
}

async function noticesOf(
  services: SyncServices,
  user: { readonly userNid: UserNid; readonly userId: string },
  candidates: readonly NotifyingEvent[],
  after: StreamPosition,
): Promise<readonly Notice[]> {
  const judged = await judgeNotifications(services, user, candidates, false)
  const names = lazyEventNames(
    services,
    judged.map(({ stored }) => stored),
  )
  return Promise.all(
    judged.map(async ({ candidate, stored, outcome }): Promise<Notice> => {
      const memberCount = await services.audience.memberCount(stored.roomNid)
      const place = { position: candidate.streamPos, after, thread: candidate.thread, memberCount }
      return { outcome, event: pushedEvent(stored, place, names) }
    }),
  )
}
