import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { DatabaseAddress } from '../../storage/database.ts'
import type { TestClient } from '../../spec-tests/support/test-client.ts'

/** So many that the pages which a table grows by are no part of the figure. */
const CHANGES = 3_000
/** Without any growth for so long nothing is going on. */
const SETTLED_MS = 3_000
/** What exists for the sake of states, whatever the events are that they consist of. */
const STATE_TABLES = ['state_node', 'current_state_delta', 'membership']

/** Bytes on disk, with indexes. */
export interface BytesPerChange {
  /** Of the tables that keep states. */
  readonly state: number
  /** Of all tables: the event itself, its places in streams, the user directory. */
  readonly all: number
}

/** What one more state event takes up in a database, seen over many changes of one user's name in the room. */
export async function bytesPerChange(
  address: DatabaseAddress,
  user: TestClient,
  roomId: string,
): Promise<BytesPerChange> {
  const pool = new pg.Pool(address)
  try {
    const before = await settledBytes(pool)
    for (let change = 0; change < CHANGES; change++) {
      const content = { membership: 'join', displayname: `Name ${change}` }
      await user.setState(roomId, 'm.room.member', content, user.userId)
    }
    const after = await tableBytes(pool)
    return {
      state: Math.round((after.state - before.state) / CHANGES),
      all: Math.round((after.all - before.all) / CHANGES),
    }
  } finally {
    await pool.end()
  }
}

/** What follows a join behind it, the user directory for example, is to be over. */
async function settledBytes(pool: pg.Pool): Promise<BytesPerChange> {
  for (let last = await tableBytes(pool); ;) {
    await sleep(SETTLED_MS)
    const now = await tableBytes(pool)
    if (now.all === last.all) return now
    last = now
  }
}

async function tableBytes(pool: pg.Pool): Promise<BytesPerChange> {
  const { rows } = await pool.query<{ name: string; bytes: string }>(
    `SELECT relname AS name, pg_total_relation_size(oid) AS bytes
     FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  )
  const sum = (chosen: typeof rows): number => chosen.reduce((total, { bytes }) => total + Number(bytes), 0)
  return { state: sum(rows.filter(({ name }) => STATE_TABLES.includes(name))), all: sum(rows) }
}
