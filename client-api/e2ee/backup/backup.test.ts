import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestClient } from '../../../spec-tests/support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../../spec-tests/support/test-database.ts'
import { eventually } from '../../../spec-tests/support/eventually.ts'
import { openDatabase, type Database, type Queries } from '../../../storage/database.ts'
import { startTestServer, type TestServer } from '../../../spec-tests/support/test-server.ts'

const ALGORITHM = 'm.megolm_backup.v1.curve25519-aes-sha2'
const ROOM = '!room:here.test'
let testDatabase: TestDatabase
let database: Database
let queries: Queries
let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  queries = database.queries
  server = await startTestServer({ database: testDatabase.address })
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(async () => {
  await server.close()
  await database.close()
  await testDatabase.close()
})

const id = encodeURIComponent
const ask = (method: string, path: string, body?: unknown, client = alice) =>
  client.request(method, `/_matrix/client/v3/room_keys/${path}`, body)
const begin = async (client = alice) =>
  String(
    (await ask('POST', 'version', { algorithm: ALGORITHM, auth_data: { n: 1 } }, client)).body['version'],
  )
const key = (index = 0, verified = false, forwarded = 0, data: object = { a: 'b' }) => ({
  first_message_index: index,
  forwarded_count: forwarded,
  is_verified: verified,
  session_data: data,
})
const session = (name: string, version: string) => `keys/${id(ROOM)}/${id(name)}?version=${version}`

describe('versions', () => {
  it('are counted, changed and deleted', async () => {
    expect((await ask('GET', 'version', undefined, bob)).status).toBe(404)
    const [first, second] = [await begin(bob), await begin(bob)]
    expect((await ask('GET', 'version', undefined, bob)).body).toEqual({
      algorithm: ALGORITHM,
      auth_data: { n: 1 },
      count: 0,
      etag: '0',
      version: second,
    })
    const change = { algorithm: ALGORITHM, auth_data: { n: 1, nul: '\0' }, version: first }
    expect((await ask('PUT', `version/${first}`, change, bob)).body).toEqual({})
    expect((await ask('PUT', `version/${second}`, change, bob)).status).toBe(400)
    expect((await ask('PUT', `version/${first}`, { ...change, algorithm: 'x' }, bob)).status).toBe(400)
    const read = await ask('GET', `version/${first}`, undefined, bob)
    expect(read.body).toMatchObject({ auth_data: { nul: '\0' }, version: first })
    for (const _ of [1, 2])
      expect((await ask('DELETE', `version/${second}`, undefined, bob)).status).toBe(200)
    expect((await ask('GET', `version/${second}`, undefined, bob)).status).toBe(404)
    expect((await ask('GET', 'version', undefined, bob)).body['version']).toBe(first)
    expect((await ask('DELETE', 'version/99', undefined, bob)).status).toBe(404)
    expect(Number(await begin(bob))).toBeGreaterThan(Number(second))
  })

  it('are never the same for two that begin at once, and are bounded', async () => {
    const carol = await server.register('carol')
    const versions = await Promise.all(Array.from({ length: 8 }, () => begin(carol)))
    expect(new Set(versions).size).toBe(8)
    for (let left = 50 - 8; left > 0; left--) await begin(carol)
    const more = await ask('POST', 'version', { algorithm: ALGORITHM, auth_data: {} }, carol)
    expect([more.status, more.body['errcode']]).toEqual([400, 'M_LIMIT_EXCEEDED'])
  })
})

describe('keys', () => {
  it('are put and read one by one, by room and all together', async () => {
    const version = await begin()
    expect((await ask('GET', `keys?version=${version}`)).body).toEqual({ rooms: {} })
    expect((await ask('GET', `keys/${id(ROOM)}?version=${version}`)).body).toEqual({ sessions: {} })
    expect((await ask('GET', session('a', version))).status).toBe(404)
    expect((await ask('PUT', session('a/+', version), key(1))).body).toEqual({ etag: '1', count: 1 })
    const ofRoom = { sessions: { b: key(2), 'odd"': key(3) } }
    expect((await ask('PUT', `keys/${id(ROOM)}?version=${version}`, ofRoom)).body).toEqual({
      etag: '2',
      count: 3,
    })
    const rooms = { [ROOM]: { sessions: { b: key(2) } }, '!other:x': { sessions: { c: key(4) } } }
    expect((await ask('PUT', `keys?version=${version}`, { rooms })).body).toEqual({ etag: '3', count: 4 })
    expect((await ask('GET', session('a/+', version))).body).toEqual(key(1))
    const inRoom = { 'a/+': key(1), ...ofRoom.sessions }
    expect((await ask('GET', `keys/${id(ROOM)}?version=${version}`)).body).toEqual({ sessions: inRoom })
    const all = { rooms: { [ROOM]: { sessions: inRoom }, '!other:x': { sessions: { c: key(4) } } } }
    expect((await ask('GET', `keys?version=${version}`)).body).toEqual(all)
    expect((await ask('GET', `keys?version=${version}`, undefined, bob)).body).not.toEqual(all)
    expect((await ask('DELETE', session('b', version))).body).toEqual({ etag: '4', count: 3 })
    expect((await ask('DELETE', session('b', version))).body).toEqual({ etag: '4', count: 3 })
    expect((await ask('DELETE', `keys/${id(ROOM)}?version=${version}`)).body).toEqual({ etag: '5', count: 1 })
    expect((await ask('DELETE', `keys?version=${version}`)).body).toEqual({ etag: '6', count: 0 })
  })

  it.each([
    [key(10, false, 5), [key(11, false, 5), key(10, false, 6), key(10, false, 5), key(11, false, 0)]],
    [key(10, true, 5), [key(0, false, 0), key(11, true, 0), key(10, true, 6)]],
  ])('give way to better ones alone (%#)', async (kept, others) => {
    const version = await begin()
    await ask('PUT', session('s', version), kept)
    for (const other of others) {
      expect((await ask('PUT', session('s', version), other)).body).toEqual({ etag: '1', count: 1 })
    }
    expect((await ask('GET', session('s', version))).body).toEqual(kept)
    for (const better of [key(10, true, 4), key(9, true, 9)]) {
      await ask('PUT', session('s', version), better)
      expect((await ask('GET', session('s', version))).body).toEqual(better)
    }
  })

  it('go only into the newest version, and are counted right by many at once', async () => {
    const [old, newest] = [await begin(), await begin()]
    const refused = await ask('PUT', session('s', old), key())
    expect([refused.status, refused.body]).toMatchObject([
      403,
      { errcode: 'M_WRONG_ROOM_KEYS_VERSION', current_version: newest },
    ])
    expect((await ask('PUT', session('s', '99'), key())).status).toBe(404)
    const names = Array.from({ length: 20 }, (_, index) => `s${index % 10}`)
    await Promise.all(names.map((name, index) => ask('PUT', session(name, newest), key(20 - index))))
    expect((await ask('GET', 'version')).body['count']).toBe(10)
    await ask('DELETE', `version/${newest}`)
    expect((await ask('PUT', session('s', newest), key())).status).toBe(404)
    expect((await ask('DELETE', session('s', newest))).status).toBe(404)
    expect((await ask('PUT', session('s', old), key())).status).toBe(200)
  })

  it('come whole from a large backup', async () => {
    const version = await begin()
    const sessions = Object.fromEntries(Array.from({ length: 4_500 }, (_, n) => [`s${n}`, key(n)]))
    const rooms = { [ROOM]: { sessions }, '!a:x': { sessions: { z: key() } } }
    expect((await ask('PUT', `keys?version=${version}`, { rooms })).body['count']).toBe(4_501)
    expect((await ask('GET', `keys?version=${version}`)).body).toEqual({ rooms })
    expect((await ask('GET', `keys/${id(ROOM)}?version=${version}`)).body).toEqual({ sessions })
  })

  it.each<[unknown, number]>([
    [{ ...key(), is_verified: 'x' }, 400],
    [{ ...key(), first_message_index: -1 }, 400],
    [{ ...key(), forwarded_count: 1.5 }, 400],
    [{ ...key(), session_data: 'x' }, 400],
    [key(0, false, 0, { x: 'x'.repeat(20_000) }), 413],
    [[], 400],
  ])('must have their shape (%#)', async (body, status) => {
    const version = await begin()
    expect((await ask('PUT', session('s', version), body)).status).toBe(status)
    expect((await ask('PUT', session('x'.repeat(256), version), key())).status).toBe(400)
    expect(
      (await ask('PUT', `keys/${id(ROOM)}?version=${version}`, { sessions: { 'a\0': key() } })).status,
    ).toBe(400)
    expect((await ask('PUT', `keys/${id(ROOM)}/s`, key())).status).toBe(400)
  })

  it('go with the account', async () => {
    const dora = await server.register('dora')
    const version = await begin(dora)
    await ask('PUT', session('s', version), key(), dora)
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'dora' },
      password: 'correct horse battery',
    }
    const known = (await queries.selectFrom('backed_up_key').selectAll().execute()).length
    await dora.call('POST', '/account/deactivate', { auth })
    await eventually('the deletion', async () => {
      const left = await queries.selectFrom('backed_up_key').selectAll().execute()
      return left.length === known - 1
    })
  })
})
