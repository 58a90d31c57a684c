import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import { HASH_BYTES, rootFromBytes, rootToBytes, type StateRoot } from './state-root.ts'

/** Grows with every change of an algorithm's results, so that what was found by the former one is not found again. */
const REVISION = 1
/** A row that is in use says so once a day. */
const USE_NOTED_MS = 24 * 3600 * 1000
/** Roots of one query. */
const PAGE = 5_000

/** What a set of states was resolved to. */
export interface StateResolution {
  /** What {@link resolutionKey} gave for the set. */
  readonly inputs: Buffer
  readonly root: StateRoot
}

/**
 * What a set of states is known by, whatever their order and however often one of them is named. Roots are keyed hashes:
 * nobody without the secret can aim at them.
 */
export function resolutionKey(algorithm: string, roots: Iterable<StateRoot>): Buffer {
  const distinct = [...new Set(roots)].toSorted()
  const digest = createHash('sha256')
    .update(`${REVISION} ${algorithm} ${distinct.join(' ')}`)
    .digest()
  return digest.subarray(0, HASH_BYTES)
}

/** What a set of states was resolved to; undefined when that is not stored. */
export async function findResolution(
  queries: Queries,
  roomNid: RoomNid,
  inputs: Buffer,
  now: number,
): Promise<StateRoot | undefined> {
  const row = await queries
    .selectFrom('state_resolution')
    .select(['root', 'used_ts'])
    .where('room_nid', '=', roomNid)
    .where('inputs', '=', inputs)
    .executeTakeFirst()
  if (!row) return undefined
  if (row.used_ts < now - USE_NOTED_MS) {
    await queries
      .updateTable('state_resolution')
      .set({ used_ts: now })
      .where('room_nid', '=', roomNid)
      .where('inputs', '=', inputs)
      .execute()
  }
  return rootFromBytes(row.root)
}

/** A result on its way into the database, together with the nodes of its state. */
export interface ResolutionRow extends StateResolution {
  readonly roomNid: RoomNid
  readonly usedTs: number
}

export const insertResolutions = rowsStatement<ResolutionRow>(
  'insert-state-resolutions',
  `INSERT INTO state_resolution (room_nid, inputs, root, used_ts)
   SELECT DISTINCT ON (room_nid, inputs) room_nid, inputs, root, used_ts
     FROM @rows AS r(room_nid, inputs, root, used_ts)
   ON CONFLICT DO NOTHING`,
  [
    { type: 'bigint', value: ({ roomNid }) => roomNid },
    { type: 'bytea', value: ({ inputs }) => inputs },
    { type: 'bytea', value: ({ root }) => rootToBytes(root) },
    { type: 'bigint', value: ({ usedTs }) => usedTs },
  ],
)

/** The roots that stored results of a room name. */
export async function* resolvedRootsOf(queries: Queries, roomNid: RoomNid): AsyncGenerator<StateRoot> {
  for (let after: Buffer = Buffer.alloc(0); ;) {
    const rows = await queries
      .selectFrom('state_resolution')
      .select(['inputs', 'root'])
      .where('room_nid', '=', roomNid)
      .where('inputs', '>', after)
      .orderBy('inputs')
      .limit(PAGE)
      .execute()
    yield* rows.map(({ root }) => rootFromBytes(root))
    if (rows.length < PAGE) return
    after = rows.at(-1)!.inputs
  }
}

/**
 * Forgets up to `limit` results: those that were last used before a time, and those of a room beyond the newest.
 *
 * @returns how many went.
 */
export async function forgetResolutions(
  queries: Queries,
  { before, perRoom, limit }: { readonly before: number; readonly perRoom: number; readonly limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM state_resolution USING (
      SELECT room_nid, inputs FROM (
        SELECT room_nid, inputs, used_ts, row_number() OVER (PARTITION BY room_nid ORDER BY used_ts DESC, inputs) AS place
          FROM state_resolution) AS placed
       WHERE used_ts < ${before} OR place > ${perRoom}
       LIMIT ${limit}) AS old
    WHERE state_resolution.room_nid = old.room_nid AND state_resolution.inputs = old.inputs`.execute(queries)
  return Number(numAffectedRows ?? 0)
}
