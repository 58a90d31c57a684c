import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SyntheticRoom } from '../../federation/test-support/synthetic-room.ts'
import { eventually } from '../support/eventually.ts'
import { TestClient, type Json } from '../support/test-client.ts'
import { joiningRegion, RESIDENT, type JoiningRegion } from './joining-region.ts'

let joining: JoiningRegion
let client: TestClient
let database: pg.Client

beforeAll(async () => {
  joining = await joiningRegion()
  client = new TestClient(joining.region.url)
  await client.register('alice')
  database = new pg.Client(await joining.region.database())
  await database.connect()
})
afterAll(async () => {
  await database.end()
  await joining.close()
})

async function numberOf(sql: string, ...values: readonly unknown[]): Promise<number> {
  const { rows } = await database.query<{ number: string }>(`SELECT ${sql} AS number`, [...values])
  return Number(rows[0]!.number)
}

async function joinedMembers({ roomId }: SyntheticRoom): Promise<number> {
  const { joined } = await client.call('GET', `/rooms/${encodeURIComponent(roomId)}/joined_members`)
  return Object.keys(joined as Json).length
}

const TRANSACTIONS_OF = (table: string): string =>
  `(SELECT count(DISTINCT ${table}.xmin::text) FROM ${table} JOIN room USING (room_nid) WHERE room_id = $1)`

test('a large room costs few commits, and no member is written twice', async () => {
  const MEMBERS = 2_000
  const room = joining.room('10', MEMBERS)
  const before = await numberOf("pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
  await client.join(room.roomId, [RESIDENT])
  expect(await joinedMembers(room)).toBe(MEMBERS + 2)
  const written = (await numberOf("pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) - before
  expect(written / MEMBERS).toBeLessThan(4_500)
  // Turns of 250 events, and steps of 500 members.
  expect(await numberOf(TRANSACTIONS_OF('event'), room.roomId)).toBeLessThanOrEqual(MEMBERS / 250 + 6)
  for (const table of ['membership', 'current_state'])
    expect(await numberOf(TRANSACTIONS_OF(table), room.roomId)).toBeLessThanOrEqual(MEMBERS / 500 + 4)
})

test('a state that breaks off is gone on with where it broke off', async () => {
  const MEMBERS = 1_500
  const room = joining.room('12', MEMBERS)
  let held = 0
  let goOn: () => void = () => undefined
  const waiting = new Promise<void>((resolve) => (goOn = resolve))
  joining.resident.breaksOffAfter = 1_200
  joining.resident.beforeStateIds = async () => void (++held > 1 && (await waiting))
  await client.join(room.roomId, [RESIDENT])
  await eventually('a second attempt', () => held > 1)
  const stored = '(SELECT count(*) FROM event JOIN room USING (room_nid) WHERE room_id = $1)'
  expect(await numberOf(stored, room.roomId)).toBeGreaterThan(700)
  goOn()
  expect(await joinedMembers(room)).toBe(MEMBERS + 2)
})
