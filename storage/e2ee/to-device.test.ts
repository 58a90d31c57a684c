import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { insertDevice } from '../accounts/device-writer.ts'
import { openDatabase, type Database } from '../database.ts'
import type { ServerNid, UserNid } from '../numeric-ids.ts'
import { Committer } from '../position/committer.ts'
import { streamPosition } from '../position/position.ts'
import { deleteExpiredToDeviceRequests, trimOutgoing } from './prune-to-device.ts'
import { readInbox } from './to-device-inbox.ts'
import { oldestOutgoing, serversWithOutgoing } from './to-device-outbox.ts'
import { TO_DEVICE_PAGE } from './to-device-page.ts'
import { ALL_DEVICES, MAX_INBOX, TO_DEVICE, type ToDeviceWrite } from './to-device-write.ts'

const BOB = 7 as UserNid
const [NORTH, SOUTH] = [1 as ServerNid, 2 as ServerNid]
let testDatabase: TestDatabase
let database: Database
let committer: Committer
const errors: Error[] = []

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  committer = new Committer(testDatabase.address, 'test', (error) => errors.push(error))
  await committer.start()
  for (const deviceId of ['A', 'B', 'FULL']) {
    const device = { userNid: BOB, deviceId, displayName: null, createdTs: 0 }
    await insertDevice(database.queries, device)
  }
})
afterAll(async () => {
  await committer.stop()
  await database.close()
  await testDatabase.close()
})

function write(request: string, deviceId: string, events: readonly string[], expiresTs = 10): ToDeviceWrite {
  const local = events.map((event) => ({ userNid: BOB, deviceId, event }))
  return { requestHash: Buffer.from(request), expiresTs, local, remote: [] }
}

const read = async (deviceId: string, after?: number, received = after, upTo: number = committer.head) => {
  const [from, got, to] = [after, received, upTo].map((position) =>
    position === undefined ? undefined : streamPosition(position),
  )
  const stretch = { userNid: BOB, deviceId, after: from, upTo: to!, received: got }
  return (await readInbox(database.queries, stretch, 1_000)).map(({ event }) => event)
}

it('does the same request once, also within one commit, and keeps the order of each device', async () => {
  await Promise.all([
    committer.submit(TO_DEVICE, write('1', ALL_DEVICES, ['a', 'b'])),
    committer.submit(TO_DEVICE, write('1', ALL_DEVICES, ['a', 'b'])),
    committer.submit(TO_DEVICE, write('2', 'A', ['c'])),
    committer.submit(TO_DEVICE, write('3', 'NOBODY', ['d'])),
    committer.submit(TO_DEVICE, write('4', 'A', ['e', 'f'])),
  ])
  await committer.submit(TO_DEVICE, write('2', 'A', ['c']))
  expect([await read('A'), await read('B')]).toEqual([
    ['a', 'b', 'c', 'e', 'f'],
    ['a', 'b'],
  ])
  await read('A', committer.head)
  await read('B', committer.head)
  expect([await read('A'), await read('B')]).toEqual([[], []])
})

it('deletes up to the page that an acknowledged answer ended with', async () => {
  await committer.submit(TO_DEVICE, write('5', 'A', ['a', 'b', 'c']))
  const first = committer.head
  await committer.submit(TO_DEVICE_PAGE, { userNid: BOB, deviceId: 'A', throughSeq: 1 })
  const second = committer.head
  await committer.submit(TO_DEVICE_PAGE, { userNid: BOB, deviceId: 'A', throughSeq: 2 })
  const third = committer.head
  // Told up to the second answer while nothing has been acknowledged.
  expect([await read('A', second, 0), await read('A', undefined, undefined, first)]).toEqual([['c'], ['a']])
  expect(await read('A', first)).toEqual(['b', 'c'])
  expect(await read('A')).toEqual(['b', 'c'])
  expect(await read('A', second)).toEqual(['c'])
  expect(await read('A', third)).toEqual([])
  const pages = await database.queries.selectFrom('to_device_page').selectAll().execute()
  expect(pages).toEqual([])
})

it('holds no more for a device than may wait', async () => {
  await read('FULL', committer.head)
  await sql`
    INSERT INTO to_device_message (user_nid, device_id, seq, stream_pos, event)
    SELECT ${BOB}, 'FULL', n, 1, '{}' FROM generate_series(11, ${MAX_INBOX + 9}) AS n`.execute(
    database.queries,
  )
  await committer.submit(TO_DEVICE, write('6', 'FULL', ['x', 'y']))
  await committer.submit(TO_DEVICE, write('7', 'FULL', ['z']))
  const { rows } = await sql<{ event: string }>`
    SELECT event FROM to_device_message WHERE device_id = 'FULL' AND event <> '{}'`.execute(database.queries)
  expect(rows).toEqual([{ event: 'x' }])
})

it('finds the servers that messages wait for, and drops the oldest of too many', async () => {
  const remote = ['a', 'b', 'c'].flatMap((edu) => [
    { serverNid: NORTH, serverName: 'north.test', edu },
    { serverNid: SOUTH, serverName: 'south.test', edu },
  ])
  await committer.submit(TO_DEVICE, { ...write('8', 'A', []), remote })
  const { queries } = database
  expect(await serversWithOutgoing(queries)).toEqual([NORTH, SOUTH])
  await trimOutgoing(queries, [NORTH], 2)
  await trimOutgoing(queries, [SOUTH], 3)
  const edus = async (server: ServerNid) => (await oldestOutgoing(queries, server, 10)).map(({ edu }) => edu)
  expect([await edus(NORTH), await edus(SOUTH)]).toEqual([
    ['b', 'c'],
    ['a', 'b', 'c'],
  ])
})

it('forgets requests that have expired', async () => {
  await committer.submit(TO_DEVICE, write('late', 'A', [], 20))
  expect(await deleteExpiredToDeviceRequests(database.queries, 15, 2)).toBe(2)
  while ((await deleteExpiredToDeviceRequests(database.queries, 15, 2)) === 2);
  const left = await database.queries.selectFrom('to_device_request').select('request_hash').execute()
  expect(left.map((row) => String(row.request_hash))).toEqual(['late'])
  expect(errors).toEqual([])
})
