import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { TestClient, type Json } from '../support/test-client.ts'
import { HERE, joiningRegion, RESIDENT, type JoiningRegion } from './joining-region.ts'

const PATH = '/_synapse/admin/v1/partial_joins'
const MEMBERS = 600

let joining: JoiningRegion
let alice: TestClient
let root: TestClient

beforeAll(async () => {
  joining = await joiningRegion()
  ;[alice, root] = [new TestClient(joining.region.url), new TestClient(joining.region.url)]
  await alice.register('alice')
  await root.register('root')
  const database = new pg.Client(await joining.region.database())
  await database.connect()
  const own = 'SELECT user_nid FROM matrix_user WHERE user_id = $1'
  await database.query(`UPDATE account SET admin = true WHERE user_nid = (${own})`, [`@root:${HERE}`])
  await database.end()
  const identifier = { type: 'm.id.user', user: 'root' }
  const login = { type: 'm.login.password', identifier, password: 'correct horse battery' }
  root.token = String((await root.call('POST', '/login', login))['access_token'])
})
afterAll(() => joining.close())

async function joins(): Promise<Json[]> {
  const { status, body } = await root.request('GET', PATH)
  expect(status).toBe(200)
  return body['partial_joins'] as Json[]
}

test('an administrator sees how far a join is, who was asked in vain, and has it tried again', async () => {
  expect(await joins()).toEqual([])
  const room = joining.room('10', MEMBERS)
  let goOn: () => void = () => undefined
  let held = 0
  const waiting = new Promise<void>((resolve) => (goOn = resolve))
  joining.resident.breaksOffAfter = 550
  joining.resident.beforeStateIds = async () => void (++held > 1 && (await waiting))
  const begun = Date.now()
  await alice.join(room.roomId, [RESIDENT])
  await eventually('another attempt', () => held > 1)
  const [join] = await joins()
  expect(join).toMatchObject({
    room_id: room.roomId,
    servers: [RESIDENT],
    attempts: 2,
    running: true,
    next_attempt_ts: null,
    given_up_ts: null,
    last_error: expect.stringContaining(RESIDENT),
    tried: [{ server: RESIDENT, reason: join!['last_error'] }],
  })
  expect(join!['begun_ts']).toBeGreaterThanOrEqual(begun)
  const [{ last_ts }] = join!['tried'] as [{ last_ts: number }]
  expect(last_ts).toBeGreaterThanOrEqual(begun)

  const retry = `${PATH}/${encodeURIComponent(room.roomId)}/retry`
  expect((await alice.request('GET', PATH)).status).toBe(403)
  expect((await alice.request('POST', retry, {})).status).toBe(403)
  expect((await root.request('POST', retry, {})).status).toBe(200)
  goOn()
  await eventually('all members', async () => (await joins()).length === 0)
  expect((await root.request('POST', retry, {})).status).toBe(404)
})

test('a join that was given up is shown as such, answers at once, and is taken up again', async () => {
  const room = joining.room('12', MEMBERS)
  joining.resident.beforeStateIds = async () => {
    throw new Error('out of order')
  }
  await alice.join(room.roomId, [RESIDENT])
  await eventually('a failure', async () => (await joins())[0]?.['last_error'])
  const database = new pg.Client(await joining.region.database())
  await database.connect()
  // As if it had failed for two days: the next failure is the last one.
  await database.query('UPDATE job SET attempts = 59, run_at = 0 WHERE unique_key = $1', [room.roomId])
  await database.end()
  const retired = await eventually('that it is given up', async () => {
    const [join] = await joins()
    return join?.['given_up_ts'] && join['running'] === false ? join : undefined
  })
  expect(retired).toMatchObject({ room_id: room.roomId, next_attempt_ts: null })
  const members = `/_matrix/client/v3/rooms/${encodeURIComponent(room.roomId)}/members`
  const asked = performance.now()
  expect((await alice.request('GET', members)).status).toBe(503)
  expect(performance.now() - asked).toBeLessThan(10_000)

  joining.resident.beforeStateIds = async () => undefined
  const retry = `${PATH}/${encodeURIComponent(room.roomId)}/retry`
  expect((await root.request('POST', retry, {})).status).toBe(200)
  await eventually('all members', async () => (await joins()).length === 0)
  expect((await alice.request('GET', members)).status).toBe(200)
})
