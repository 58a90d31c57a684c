import type { UserNid } from '../../../storage/numeric-ids.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import { unreadCounts } from '../unread-counts.ts'
import { unreadInAll, type UnreadRoom } from '../unread-tally.ts'
import type { PushedEvent } from './notice.ts'

/** What one user has not read. */
export interface Unread {
  /** For the badge: rooms with something unread, or messages; invites with them. */
  readonly badge: number
  /** Whether an event has been read, with everything else in its thread; of an invite, whether it is answered. */
  hasRead(event: PushedEvent): boolean
}

/**
 * Counts what a user has not read in all rooms. What was counted once is counted on in memory, so that this asks the
 * database only about users who had no news for long.
 */
export async function unreadOf(
  services: SyncServices,
  userNid: UserNid,
  { countsRooms }: { readonly countsRooms: boolean },
): Promise<Unread> {
  const { rooms, unread: tally } = await services.views.of(userNid)
  const joined: PushedEvent['roomNid'][] = []
  let badge = 0
  for (const { roomNid, membership } of rooms.values()) {
    if (membership === 'join') joined.push(roomNid)
    else if (membership === 'invite') badge += 1
  }
  const unknown = joined.filter((roomNid) => tally.of(roomNid) === undefined)
  const loaded = await unreadCounts(services, tally, await services.interner.roomIds(unknown))
  const counts = new Map<PushedEvent['roomNid'], UnreadRoom>()
  for (const roomNid of joined) {
    const room = tally.of(roomNid) ?? loaded.get(roomNid)
    if (!room) continue
    counts.set(roomNid, room)
    const { notifications } = unreadInAll(room)
    badge += countsRooms ? Math.min(notifications, 1) : notifications
  }
  return {
    badge,
    hasRead: ({ roomNid, thread, historyPos }) =>
      historyPos === undefined
        ? rooms.get(roomNid)?.membership !== 'invite'
        : (counts.get(roomNid)?.get(thread)?.notifications ?? 0) === 0,
  }
}
