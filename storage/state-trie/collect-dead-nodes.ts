import { sql, type Transaction } from 'kysely'
import type { RoomNid } from '../numeric-ids.ts'
import type { Schema } from '../schema/schema.ts'
import { decodeNode } from './node-encoding.ts'
import { EMPTY_ROOT, rootFromBytes, rootToBytes, type NodeHash, type StateRoot } from './state-root.ts'
import { MissingStateNode } from './walk.ts'

/** Nodes that one statement marks or removes: a few hundred kilobytes. */
const BATCH = 1000

/**
 * Removes the nodes of a room that no live root reaches. What is reached is noted in a temporary table, so that
 * memory does not grow with the room.
 *
 * The caller holds the room's lease and keeps its writes waiting until the transaction is over: a node that is
 * dead now could otherwise be taken for stored by a batch that makes it again. Cached copies do no harm, because
 * nothing live refers to them.
 *
 * @param liveRoots every root that a stored event or a staged state of the room names.
 * @returns how many nodes were removed.
 * @throws MissingStateNode when a live root reaches a node that is not stored; nothing is removed then.
 */
export async function collectDeadNodes(
  tx: Transaction<Schema>,
  roomNid: RoomNid,
  liveRoots: Iterable<StateRoot> | AsyncIterable<StateRoot>,
): Promise<number> {
  await sql`CREATE TEMPORARY TABLE live_state_node (hash bytea PRIMARY KEY) ON COMMIT DROP`.execute(tx)
  for await (const roots of inBatches(liveRoots)) {
    let level = roots.filter((root) => root !== EMPTY_ROOT)
    while (level.length > 0) level = await markLevel(tx, roomNid, level)
  }
  const removed = await removeUnmarked(tx, roomNid)
  await sql`DROP TABLE live_state_node`.execute(tx)
  return removed
}

/** Notes the nodes of one level and returns the children of those that were not noted before. */
async function markLevel(
  tx: Transaction<Schema>,
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
        LEFT JOIN state_node node ON node.room_nid = ${roomNid} AND node.hash = marked.hash`.execute(tx)
    for (const { hash, body } of marked.rows) {
      if (!body) throw new MissingStateNode(rootFromBytes(hash))
      const node = decodeNode(body)
      if (node.kind === 'branch')
        for (const child of node.children) if (child !== undefined) children.add(child)
    }
  }
  return [...children]
}

async function removeUnmarked(tx: Transaction<Schema>, roomNid: RoomNid): Promise<number> {
  let removed = 0
  for (let after: Buffer = Buffer.alloc(0); ;) {
    const { rows } = await sql<{ last: Buffer | null; removed: number }>`
      WITH page AS (
        SELECT hash FROM state_node WHERE room_nid = ${roomNid} AND hash > ${after} ORDER BY hash LIMIT ${BATCH}
      ), gone AS (
        DELETE FROM state_node
         WHERE room_nid = ${roomNid}
           AND hash IN (SELECT hash FROM page EXCEPT SELECT hash FROM live_state_node)
        RETURNING hash
      )
      SELECT (SELECT hash FROM page ORDER BY hash DESC LIMIT 1) AS last, (SELECT count(*) FROM gone) AS removed`.execute(
      tx,
    )
    const page = rows[0]
    if (!page?.last) return removed
    removed += page.removed
    after = page.last
  }
}

async function* inBatches(
  roots: Iterable<StateRoot> | AsyncIterable<StateRoot>,
): AsyncGenerator<StateRoot[]> {
  let batch: StateRoot[] = []
  for await (const root of roots) {
    batch.push(root)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
