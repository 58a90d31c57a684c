import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { ThreadPlace } from './thread-subscription-write.ts'

/** What a user has made of one thread. */
export interface ThreadSubscription {
  readonly subscribed: boolean
  readonly automatic: boolean
  /** The newest place of the room's history when the user left the thread. */
  readonly leftAt: number | null
}

/** The same, as a list of them tells it. */
export interface ThreadSubscriptionChange extends ThreadSubscription {
  readonly roomId: string
  readonly rootEventId: string
  readonly position: StreamPosition
}

/** The part of a user's changes that is wanted: the newest ones of it. */
export interface ThreadSubscriptionStretch {
  readonly after: StreamPosition
  readonly upTo: StreamPosition
  /** Nothing from here on; undefined for all up to the end. */
  readonly before?: StreamPosition | undefined
  readonly limit: number
  /** Whether to leave out threads that the user has left. */
  readonly subscribedOnly: boolean
}

/** Undefined where the user has never subscribed. */
export async function findThreadSubscription(
  queries: Queries,
  userNid: UserNid,
  { roomNid, rootEventId }: ThreadPlace,
): Promise<ThreadSubscription | undefined> {
  return queries
    .selectFrom('thread_subscription')
    .select(['subscribed', 'automatic', 'left_at as leftAt'])
    .where('user_nid', '=', userNid)
    .where('room_nid', '=', roomNid)
    .where('root_event_id', '=', rootEventId)
    .executeTakeFirst()
}

/** The newest changes of a stretch of the stream, newest first. */
export async function threadSubscriptionChanges(
  queries: Queries,
  userNid: UserNid,
  { after, upTo, before, limit, subscribedOnly }: ThreadSubscriptionStretch,
): Promise<ThreadSubscriptionChange[]> {
  return queries
    .selectFrom('thread_subscription')
    .innerJoin('room', 'room.room_nid', 'thread_subscription.room_nid')
    .select([
      'room.room_id as roomId',
      'root_event_id as rootEventId',
      'subscribed',
      'automatic',
      'left_at as leftAt',
      'stream_pos as position',
    ])
    .where('user_nid', '=', userNid)
    .where('stream_pos', '>', after)
    .where('stream_pos', '<=', upTo)
    .$if(before !== undefined, (query) => query.where('stream_pos', '<', before!))
    .$if(subscribedOnly, (query) => query.where('subscribed', '=', true))
    .orderBy('stream_pos', 'desc')
    .limit(limit)
    .execute()
}

/** How many threads a user follows or has left. */
export async function countThreadSubscriptions(queries: Queries, userNid: UserNid): Promise<number> {
  const { count } = await queries
    .selectFrom('thread_subscription')
    .select(sql<number>`count(*)`.as('count'))
    .where('user_nid', '=', userNid)
    .executeTakeFirstOrThrow()
  return count
}

/** Those of some threads that a user follows. */
export async function threadsFollowed(
  queries: Queries,
  userNid: UserNid,
  threads: readonly ThreadPlace[],
): Promise<readonly ThreadPlace[]> {
  if (threads.length === 0) return []
  const { rows } = await sql<ThreadPlace>`
    SELECT room_nid AS "roomNid", root_event_id AS "rootEventId"
      FROM unnest(
        ${threads.map(({ roomNid }) => roomNid)}::bigint[], ${threads.map(({ rootEventId }) => rootEventId)}::text[]
      ) AS thread(room_nid, root_event_id)
     WHERE EXISTS (
       SELECT FROM thread_subscription s
        WHERE s.user_nid = ${userNid} AND s.room_nid = thread.room_nid AND s.root_event_id = thread.root_event_id
          AND s.subscribed)`.execute(queries)
  return rows
}

/** The joined members of a room who follow one of its threads. */
export async function threadSubscribers(
  queries: Queries,
  { roomNid, rootEventId }: ThreadPlace,
): Promise<ReadonlySet<UserNid>> {
  const rows = await queries
    .selectFrom('thread_subscription')
    .innerJoin('membership', (join) =>
      join
        .onRef('membership.user_nid', '=', 'thread_subscription.user_nid')
        .onRef('membership.room_nid', '=', 'thread_subscription.room_nid'),
    )
    .select('thread_subscription.user_nid')
    .where('thread_subscription.room_nid', '=', roomNid)
    .where('root_event_id', '=', rootEventId)
    .where('subscribed', '=', true)
    .where('membership', '=', 'join')
    .execute()
  return new Set(rows.map(({ user_nid }) => user_nid))
}
