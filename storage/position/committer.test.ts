import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabaseProxy, type DatabaseProxy } from '../../spec-tests/support/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from './columns.ts'
import { Committer } from './committer.ts'
import type { Positioned, StreamWriteKind } from './stream-write.ts'

interface Fact {
  readonly name: string
  readonly lease?: { roomNid: RoomNid; token: number; broken: boolean }
}

const insertFacts = rowsStatement<Positioned<Fact>>(
  'insert-facts',
  `INSERT INTO fact (name, pos) SELECT name, ${POSITION_SQL} FROM @rows AS r(name, back)`,
  [
    { type: 'text', value: ({ item }) => item.name },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

const FACT: StreamWriteKind<Fact> = { name: 'fact', after: insertFacts, lease: (fact) => fact.lease }

let testDatabase: TestDatabase
let database: Database
let proxy: DatabaseProxy
let committer: Committer
let errors: Error[]

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  await database.pool.query(
    'CREATE TABLE fact (name text PRIMARY KEY CHECK (name <> $$poison$$), pos bigint NOT NULL)',
  )
  proxy = await openDatabaseProxy(testDatabase.address)
  errors = []
  committer = new Committer(proxy.address, 'test', (error) => errors.push(error))
  await committer.start()
})

afterEach(async () => {
  await committer.stop()
  await proxy.close()
  await database.close()
  await testDatabase.close()
})

async function facts(): Promise<{ name: string; pos: number }[]> {
  const { rows } = await database.pool.query<{ name: string; pos: string }>(
    'SELECT name, pos FROM fact ORDER BY pos',
  )
  return rows.map(({ name, pos }) => ({ name, pos: Number(pos) }))
}

describe('the committer', () => {
  it('gives each fact its own position, in the order of submission', async () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `fact ${n}`)
    const positions = await Promise.all(names.map((name) => committer.submit(FACT, { name })))
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
    expect(new Set(positions).size).toBe(names.length)
    expect(await facts()).toEqual(names.map((name, index) => ({ name, pos: positions[index] })))
    expect(committer.head).toBe(positions.at(-1))
  })

  it('tells the listeners before the callers, and only of what can be read', async () => {
    const told: string[] = []
    committer.onCommit((writes) => told.push(...writes.map((write) => (write.item as Fact).name)))
    await committer.submit(FACT, { name: 'one' })
    expect(told).toEqual(['one'])
  })

  it('finds its head again after a restart', async () => {
    const last = await committer.submit(FACT, { name: 'one' })
    const restarted = new Committer(testDatabase.address, 'test', (error) => errors.push(error))
    await restarted.start()
    expect(restarted.head).toBe(last)
    expect(await restarted.submit(FACT, { name: 'two' })).toBeGreaterThan(last)
    await restarted.stop()
  })

  it('lets a poison item fail alone', async () => {
    const names = Array.from({ length: 50 }, (_, n) => (n === 17 ? 'poison' : `fact ${n}`))
    const outcomes = await Promise.allSettled(names.map((name) => committer.submit(FACT, { name })))
    expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(1)
    expect(outcomes[17]!.status).toBe('rejected')
    expect((await facts()).map((fact) => fact.name)).toEqual(names.filter((name) => name !== 'poison'))
  })

  it('fails what was built on a failed item, and nothing else', async () => {
    const roomNid = 1 as RoomNid
    await database.pool.query('INSERT INTO room_lease VALUES (1, 7)')
    const lease = { roomNid, token: 7, broken: false }
    const outcomes = await Promise.allSettled([
      committer.submit(FACT, { name: 'before', lease }),
      committer.submit(FACT, { name: 'poison', lease }),
      committer.submit(FACT, { name: 'built on it', lease }),
      committer.submit(FACT, { name: 'elsewhere' }),
    ])
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect((await facts()).map((fact) => fact.name)).toEqual(['before', 'elsewhere'])
  })

  it('refuses a write under a lease that another writer has taken', async () => {
    await database.pool.query('INSERT INTO room_lease VALUES (1, 8)')
    const lease = { roomNid: 1 as RoomNid, token: 7, broken: false }
    await expect(committer.submit(FACT, { name: 'stale', lease })).rejects.toMatchObject({ code: 'MR002' })
    expect(await facts()).toEqual([])
  })

  it('goes on after the database was away, and loses nothing', async () => {
    const before = await committer.submit(FACT, { name: 'before' })
    proxy.cut()
    const waiting = ['a', 'b', 'c'].map((name) => committer.submit(FACT, { name }))
    setTimeout(() => proxy.heal(), 300)
    const positions = await Promise.all(waiting)
    expect(positions.every((position) => position > before)).toBe(true)
    expect((await facts()).map((fact) => fact.name)).toEqual(['before', 'a', 'b', 'c'])
    expect(errors.length).toBeGreaterThan(0)
  })

  it.each([
    { deliver: true, what: 'was received' },
    { deliver: false, what: 'was never received' },
  ])(
    'answers rightly and stores once when the connection is lost at a COMMIT that $what',
    async ({ deliver }) => {
      await committer.submit(FACT, { name: 'before' })
      const cut = proxy.cutWhenSent('take-positions', { deliver })
      const position = await committer.submit(FACT, { name: 'in doubt' })
      await cut
      await committer.submit(FACT, { name: 'after' })
      expect((await facts()).map((fact) => fact.name)).toEqual(['before', 'in doubt', 'after'])
      expect((await facts())[1]!.pos).toBe(position)
    },
  )

  it('fences a committer that another one of the same name has replaced', async () => {
    const successor = new Committer(testDatabase.address, 'test', (error) => errors.push(error))
    await successor.start()
    await expect(committer.submit(FACT, { name: 'too late' })).rejects.toMatchObject({ code: 'MR001' })
    await successor.submit(FACT, { name: 'in time' })
    expect((await facts()).map((fact) => fact.name)).toEqual(['in time'])
    await successor.stop()
  })

  it('commits what waits before it stops, and then refuses', async () => {
    const waiting = committer.submit(FACT, { name: 'last' })
    await committer.stop()
    await waiting
    await expect(committer.submit(FACT, { name: 'too late' })).rejects.toThrow('stopping')
  })
})
