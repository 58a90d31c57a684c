import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../database.ts'
import { Interner } from './interner.ts'
import { MAX_NAME_BYTES } from './nameable.ts'
import { UnnameableError } from './numbered-names.ts'
import { RoomVersionConflict } from './room-names.ts'

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

const fresh = (): Interner => new Interner(database.pool)

/** An interner that counts its statements. */
function counting(): { interner: Interner; statements: () => number } {
  let count = 0
  const query = database.pool.query.bind(database.pool)
  const pool = new Proxy(database.pool, {
    get: (target, key) =>
      key === 'query'
        ? (...args: Parameters<typeof query>) => {
            count++
            return query(...args)
          }
        : Reflect.get(target, key),
  })
  return { interner: new Interner(pool), statements: () => count }
}

test('a name keeps its number, in other processes too', async () => {
  const nid = await fresh().userNid('@alice:one.example')
  expect(await fresh().userNid('@alice:one.example')).toBe(nid)
  expect(await fresh().findUserNid('@alice:one.example')).toBe(nid)
  expect(await fresh().userIds([nid])).toEqual(new Map([[nid, '@alice:one.example']]))
})

test('finding creates nothing', async () => {
  expect(await fresh().findUserNid('@nobody:one.example')).toBeUndefined()
  expect(await fresh().findRoomNid('!none:one.example')).toBeUndefined()
  expect(await fresh().findTypeNids(['no.such', 'type'])).toEqual(new Map())
  expect(await fresh().findUserNid('@nobody:one.example')).toBeUndefined()
})

test('a batch gives every name its number once', async () => {
  const ids = Array.from({ length: 2500 }, (_, n) => `@user${n}:batch${n % 7}.example`)
  const interner = fresh()
  await interner.userNid(ids[1] ?? '')
  const nids = await interner.userNids([...ids, ...ids])
  expect(nids.size).toBe(2500)
  expect(new Set(nids.values()).size).toBe(2500)
  const back = await fresh().userIds(nids.values())
  for (const [id, nid] of nids) expect(back.get(nid)).toBe(id)
})

test('many at once agree on the numbers', async () => {
  const ids = Array.from({ length: 200 }, (_, n) => `@racer${n}:race.example`)
  const shifted = (by: number): string[] => [...ids.slice(by), ...ids.slice(0, by)]
  const answers = await Promise.all([0, 30, 60, 90, 120, 150].map((by) => fresh().userNids(shifted(by))))
  const sorted = answers.map((answer) => [...answer].sort(([a], [b]) => (a < b ? -1 : 1)))
  for (const answer of sorted) expect(answer).toEqual(sorted[0])
})

test('what is cached costs no statement and no number of the sequence', async () => {
  const { interner, statements } = counting()
  const nid = await interner.typeNid('m.room.message')
  const before = statements()
  expect(await interner.typeNid('m.room.message')).toBe(nid)
  expect(await interner.typeNids(['m.room.message'])).toEqual(new Map([['m.room.message', nid]]))
  expect(await interner.types([nid])).toEqual(new Map([[nid, 'm.room.message']]))
  expect(interner.peekTypeNid('m.room.message')).toBe(nid)
  expect(interner.peekType(nid)).toBe('m.room.message')
  expect(statements()).toBe(before)
  const again = fresh()
  await again.typeNid('m.room.message')
  expect(await again.typeNid('next.type')).toBe(nid + 1)
})

test('types and state keys may hold any character; the empty state key is one', async () => {
  const odd = ['', '\0', 'a\0b', 'ä😀', '__proto__', ' ', 'a\u0301']
  const nids = await fresh().stateKeyNids(odd)
  expect(nids.size).toBe(odd.length)
  const back = await fresh().stateKeys(nids.values())
  for (const name of odd) expect(back.get(nids.get(name) ?? (0 as never))).toBe(name)
  expect(await fresh().typeNid('x\0y')).not.toBe(await fresh().typeNid('xy'))
})

test('a name that cannot be stored is refused, and never found', async () => {
  for (const id of ['@a\0b:x.example', '@a\ud800:x.example', `@${'a'.repeat(MAX_NAME_BYTES)}:x.example`]) {
    await expect(fresh().userNid(id)).rejects.toThrow(UnnameableError)
    expect(await fresh().findUserNid(id)).toBeUndefined()
  }
  await expect(fresh().userNids(['@fine:x.example', 'no-server'])).rejects.toThrow(UnnameableError)
  await expect(fresh().typeNid('\udc00')).rejects.toThrow(UnnameableError)
  expect(await fresh().findUserNid('@fine:x.example')).toBeUndefined()
})

test('a room learns its version once', async () => {
  const interner = fresh()
  const nid = await interner.roomNid('!room:one.example', undefined)
  expect(await interner.roomVersionOf(nid)).toBeUndefined()
  expect(await fresh().roomNid('!room:one.example', '11')).toBe(nid)
  expect(await interner.roomVersionOf(nid)).toBe('11')
  expect(await interner.roomNid('!room:one.example', '11')).toBe(nid)
  expect(await interner.roomNid('!room:one.example', undefined)).toBe(nid)
  await expect(interner.roomNid('!room:one.example', '10')).rejects.toThrow(RoomVersionConflict)
  await expect(fresh().roomNid('!room:one.example', '10')).rejects.toThrow(RoomVersionConflict)
  expect(await fresh().findRooms(['!room:one.example', '!other:one.example'])).toEqual(
    new Map([['!room:one.example', nid]]),
  )
})

test('two who claim different versions of a new room do not both win', async () => {
  const claims = await Promise.allSettled(
    ['10', '11', '12'].map((v) => fresh().roomNid('!race:one.example', v)),
  )
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a user carries the number of the server after the first colon', async () => {
  const interner = fresh()
  const user = await interner.userNid('@bob:[2001:db8::1]:8448')
  const row = await database.queries
    .selectFrom('matrix_user')
    .select('server_nid')
    .where('user_nid', '=', user)
    .executeTakeFirstOrThrow()
  expect(row.server_nid).toBe(await interner.serverNid('[2001:db8::1]:8448'))
  expect(await interner.serverNames([row.server_nid])).toEqual(
    new Map([[row.server_nid, '[2001:db8::1]:8448']]),
  )
})

test('a cache too small for its names still answers rightly', async () => {
  const tiny = new Interner(database.pool, { cacheBytes: 4000 })
  const ids = Array.from({ length: 300 }, (_, n) => `@tiny${n}:one.example`)
  const nids = await tiny.userNids(ids)
  expect(nids).toEqual(await fresh().findUserNids(ids))
})
