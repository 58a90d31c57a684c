import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { COMMIT_LOCK } from '../position/commit-codes.ts'
import { decodeNode } from './node-encoding.ts'
import { EMPTY_ROOT, rootFromBytes, rootToBytes, type NodeHash, type StateRoot } from './state-root.ts'
import { MissingStateNode } from './walk.ts'

/** Nodes that one statement marks or removes: a few hundred kilobytes. */
const BATCH = 1000

type Roots = Iterable<StateRoot> | AsyncIterable<StateRoot>

/** A room whose writer takes part in a collection. */
export interface CollectedRoom {
  readonly roomNid: RoomNid
  /** The lease under which the room has been written since before the collection. */
  readonly token: number
  /** Every root that a stored event of the room names; read once, while writes go on. */
  readonly liveRoots: Roots
  /**
   * Does `work` while no write to the room is being prepared or committed.
   *
   * @param work gets the roots that may have come to live since the collection began, or since the last time: of
   *   stored events, of the current state, of states that were stored for an event to come.
   * @returns undefined, and does nothing, when the room is not written under the lease any more.
   */
  quietly<Result>(work: (roots: Iterable<StateRoot>) => Promise<Result>): Promise<Result | undefined>
}

/** What a collection found. */
export interface Collection {
  readonly live: number
  readonly removed: number
}

/**
 * Removes the nodes of a room that no live root reaches. What is reached is noted in a temporary table, so that
 * memory does not grow with the room. Writes go on meanwhile: they are kept waiting only while a batch of dead nodes is
 * removed, because a write could otherwise make one of them again and take it for stored. Cached copies do no harm,
 * because nothing live refers to them.
 *
 * @returns undefined when the room was written by somebody else in between; what was removed till then was dead.
 * @throws MissingStateNode when a live root reaches a node that is not stored.
 */
export function collectDeadNodes(
  queries: Queries,
  room: CollectedRoom,
  signal?: AbortSignal,
): Promise<Collection | undefined> {
  return queries.connection().execute(async (connection) => {
    await awaitCommits(connection)
    await sql`CREATE TEMPORARY TABLE live_state_node (hash bytea PRIMARY KEY)`.execute(connection)
    try {
      await mark(connection, room.roomNid, room.liveRoots, signal)
      return await removeDead(connection, room, signal)
    } finally {
      await sql`DROP TABLE live_state_node`.execute(connection)
    }
  })
}

/** Whoever had the lease before has now committed, so that it is seen, or is refused. */
async function awaitCommits(connection: Queries): Promise<void> {
  await connection
    .transaction()
    .execute((transaction) => sql`SELECT pg_advisory_xact_lock(${sql.lit(COMMIT_LOCK)})`.execute(transaction))
}

async function mark(
  connection: Queries,
  roomNid: RoomNid,
  liveRoots: Roots,
  signal?: AbortSignal,
): Promise<void> {
  for await (const roots of inBatches(liveRoots)) {
    let level = roots.filter((root) => root !== EMPTY_ROOT)
    while (level.length > 0) {
      signal?.throwIfAborted()
      level = await markLevel(connection, roomNid, level)
    }
  }
}

/** Notes the nodes of one level and returns the children of those that were not noted before. */
async function markLevel(
  connection: Queries,
  roomNid: RoomNid,
  level: readonly NodeHash[],
): Promise<NodeHash[]> {
  const children = new Set<NodeHash>()
  for (let from = 0; from < level.length; from += BATCH) {
    const hashes = level.slice(from, from + BATCH).map(rootToBytes)
    const marked = await sql<{ hash: Buffer; body: Buffer | null }>`
      WITH marked AS (
        INSERT INTO live_state_node SELECT DISTINCT unnest(${hashes}::bytea[])
        ON CONFLICT DO NOTHING RETURNING hash
      )
      SELECT marked.hash, node.body FROM marked
        LEFT JOIN state_node node ON node.room_nid = ${roomNid} AND node.hash = marked.hash`.execute(
      connection,
    )
    for (const { hash, body } of marked.rows) {
      if (!body) throw new MissingStateNode(rootFromBytes(hash))
      const node = decodeNode(body)
      if (node.kind === 'branch')
        for (const child of node.children) if (child !== undefined) children.add(child)
    }
  }
  return [...children]
}

async function removeDead(
  connection: Queries,
  room: CollectedRoom,
  signal?: AbortSignal,
): Promise<Collection | undefined> {
  let removed = 0
  for (let after: Buffer = Buffer.alloc(0); ;) {
    signal?.throwIfAborted()
    const page = await unmarkedAfter(connection, room.roomNid, after)
    const last = page.at(-1)
    if (!last) return { live: await countMarked(connection), removed }
    const gone = await room.quietly(async (roots) => {
      await mark(connection, room.roomNid, roots)
      return removeUnmarked(connection, room, page)
    })
    if (gone === undefined) return undefined
    removed += gone
    after = last
  }
}

async function unmarkedAfter(connection: Queries, roomNid: RoomNid, after: Buffer): Promise<Buffer[]> {
  const { rows } = await sql<{ hash: Buffer }>`
    SELECT hash FROM state_node
     WHERE room_nid = ${roomNid} AND hash > ${after}
       AND NOT EXISTS (SELECT FROM live_state_node AS live WHERE live.hash = state_node.hash)
     ORDER BY hash LIMIT ${BATCH}`.execute(connection)
  return rows.map(({ hash }) => hash)
}

/** Removes those that are still unmarked, with the lease held fast; undefined when somebody else has it. */
async function removeUnmarked(
  connection: Queries,
  { roomNid, token }: CollectedRoom,
  hashes: readonly Buffer[],
): Promise<number | undefined> {
  const { rows } = await sql<{ held: boolean; removed: number }>`
    WITH held AS MATERIALIZED (
      SELECT FROM room_lease WHERE room_nid = ${roomNid} AND token = ${token} FOR SHARE
    ), gone AS (
      DELETE FROM state_node
       WHERE room_nid = ${roomNid} AND hash = ANY(${hashes}::bytea[]) AND EXISTS (SELECT FROM held)
         AND NOT EXISTS (SELECT FROM live_state_node AS live WHERE live.hash = state_node.hash)
      RETURNING hash
    )
    SELECT EXISTS (SELECT FROM held) AS held, (SELECT count(*) FROM gone) AS removed`.execute(connection)
  return rows[0]?.held ? rows[0].removed : undefined
}

async function countMarked(connection: Queries): Promise<number> {
  const { rows } = await sql<{ live: number }>`SELECT count(*) AS live FROM live_state_node`.execute(
    connection,
  )
  return rows[0]!.live
}

async function* inBatches(roots: Roots): AsyncGenerator<StateRoot[]> {
  let batch: StateRoot[] = []
  for await (const root of roots) {
    batch.push(root)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
