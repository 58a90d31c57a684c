import { afterAll, beforeAll, expect, it } from 'vitest'
import { sql } from 'kysely'
import { eventually } from '../../spec-tests/support/eventually.ts'
import { findClientTransaction } from '../../storage/rooms/client-transactions.ts'
import { beginConnection } from '../../storage/sliding-sync/connection-store.ts'
import { JobRunner } from '../jobs/job-runner.ts'
import { createOn, message, openReplica, sendOn, type Replica } from '../rooms/replication.fixture.ts'
import { REPEATABLE_MS } from '../rooms/repeatable.ts'
import { CONNECTION_KEPT_MS } from '../sliding-sync/connections.ts'
import { COMMITS_KEPT } from './prune-commits.ts'
import { registerUpkeep } from './register-upkeep.ts'

const ALICE = '@alice:here.test'
const errors: unknown[] = []
let replica: Replica
let roomId: string
let jobs: JobRunner
let now = Date.now()

beforeAll(async () => {
  replica = await openReplica('here.test')
  roomId = await createOn(replica, '12', ALICE)
  const { queries, events, committer } = replica.rooms.services
  const { writer } = replica
  const onError = (error: unknown): number => errors.push(error)
  jobs = new JobRunner(queries, { onError })
  registerUpkeep(jobs, {
    queries,
    events,
    committer,
    writer,
    now: () => now,
    redactionRetentionMs: 7 * 24 * 3_600_000,
    onError,
  })
  await jobs.start()
})
afterAll(async () => {
  await jobs.stop()
  await replica.rooms.close()
})

/** Has a kind done now, and waits for its end. */
async function run(kind: string): Promise<void> {
  const { queries } = replica.rooms.services
  await jobs.schedule({ kind, key: 'now', payload: null, runAt: 0 })
  await eventually(`the end of ${kind}`, async () => {
    const waiting = queries.selectFrom('job').select('job_nid').where('kind', '=', kind)
    return (await waiting.where('unique_key', '=', 'now').executeTakeFirst()) === undefined
  })
  expect(errors).toEqual([])
}

it('every kind comes back by itself', async () => {
  const rows = await replica.rooms.services.queries
    .selectFrom('job')
    .select(['kind', 'repeat_ms'])
    .where('kind', 'like', 'upkeep.%')
    .orderBy('kind')
    .execute()
  expect(rows.map(({ kind }) => kind)).toEqual([
    'upkeep.accounts',
    'upkeep.client-transactions',
    'upkeep.commits',
    'upkeep.counting',
    'upkeep.delayed-events',
    'upkeep.failed-pulls',
    'upkeep.redactions',
    'upkeep.sign-in',
    'upkeep.sliding-sync',
    'upkeep.state',
    'upkeep.state-resolutions',
  ])
  expect(rows.every(({ repeat_ms }) => repeat_ms === 3_600_000)).toBe(true)
})

it('forgets requests once they are too old to be repeated; what they made stays', async () => {
  const { queries, interner } = replica.rooms.services
  const userNid = await interner.userNid(ALICE)
  const requests = Array.from({ length: 2_500 }, (_, n) => n.toString(16).padStart(64, '0'))
  const request = { userNid, deviceId: 'D', requestHash: 'ff'.repeat(32) }
  const { eventIds } = await replica.writer.submit(roomId, {
    kind: 'send',
    drafts: [message(ALICE, 'once')],
    request,
  })
  await sql`
    INSERT INTO client_transaction
    SELECT ${userNid}, 'D', decode(hash, 'hex'), ${eventIds[0]}, ${now - REPEATABLE_MS - 60_000}::bigint
      FROM unnest(${requests}::text[]) AS old(hash)`.execute(queries)
  await run('upkeep.client-transactions')
  expect(await queries.selectFrom('client_transaction').select('created_ts').execute()).toHaveLength(1)
  expect(await findClientTransaction(queries, request)).toBe(eventIds[0])

  now += REPEATABLE_MS + 60_000
  await run('upkeep.client-transactions')
  expect(await findClientTransaction(queries, request)).toBeUndefined()
  expect((await replica.rooms.services.events.byId(eventIds[0]!))?.event.content).toMatchObject({
    body: 'once',
  })
})

it('forgets old commits, never the head, and the stream goes on', async () => {
  const { queries, committer } = replica.rooms.services
  const commits = () =>
    queries.selectFrom('stream_commit').select('last_position').orderBy('last_position').execute()
  const recent = await commits()
  await run('upkeep.commits')
  expect(await commits()).toEqual(recent)

  await sql`
    INSERT INTO stream_commit
    SELECT -n, gen_random_uuid() FROM generate_series(1, ${COMMITS_KEPT}::integer + 1500) AS n`.execute(
    queries,
  )
  await run('upkeep.commits')
  const left = await commits()
  expect(left).toHaveLength(COMMITS_KEPT)
  expect(left.slice(-recent.length)).toEqual(recent)

  const head = committer.head
  await sendOn(replica, roomId, message(ALICE, 'after'))
  expect(committer.head).toBe(head + 1)
})

it('ends connections of sliding sync that nobody has used for a week, with what they were sent', async () => {
  const { queries, interner } = replica.rooms.services
  const userNid = await interner.userNid(ALICE)
  const roomNid = (await interner.findRoomNid(roomId))!
  const begin = (deviceId: string, lastUsed: number) =>
    beginConnection(
      queries,
      { userNid, deviceId, connIdHash: Buffer.alloc(32) },
      { shared: '{}', rooms: new Map([[roomNid, '[]']]) },
      1,
      lastUsed,
    )
  for (let index = 0; index < 45; index++) await begin(`old${index}`, now - CONNECTION_KEPT_MS - 1)
  const { place } = await begin('new', now - CONNECTION_KEPT_MS + 60_000)
  await run('upkeep.sliding-sync')
  for (const table of ['sliding_sync_connection', 'sliding_sync_room'] as const) {
    const rows = await queries.selectFrom(table).select('connection_nid').execute()
    expect(rows).toEqual([{ connection_nid: place.connectionNid }])
  }
})
