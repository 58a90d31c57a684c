import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const SECRET = 'the secret'
const PATH = '/_synapse/admin/v1/register'
const id = encodeURIComponent

let server: TestServer
let root: TestClient
beforeAll(async () => {
  server = await startTestServer({ config: { registration_shared_secret: SECRET } })
  root = await administrator('root')
})
afterAll(() => server.close())

async function administrator(username: string): Promise<TestClient> {
  const client = server.anonymous()
  const nonce = String((await client.request('GET', PATH)).body['nonce'])
  const password = 'correct horse battery'
  const mac = createHmac('sha1', SECRET).update([nonce, username, password, 'admin'].join('\0')).digest('hex')
  const { body } = await client.request('POST', PATH, { nonce, username, password, admin: true, mac })
  client.userId = String(body['user_id'])
  client.token = String(body['access_token'])
  return client
}

const suspend = (user: TestClient, suspended: boolean) =>
  root.request('PUT', `/_matrix/client/v1/admin/suspend/${id(user.userId)}`, { suspended })

test('a suspended user reads, leaves and takes back own words, and does nothing else in rooms', async () => {
  const [owner, other] = [await server.register('owner'), await server.register('other')]
  const roomId = await owner.createRoom({ preset: 'public_chat' })
  const open = await other.createRoom({ preset: 'public_chat' })
  await other.join(roomId)
  const own = await owner.say(roomId, 'mine')
  const foreign = await other.say(roomId, 'theirs')
  expect((await suspend(owner, true)).status).toBe(200)
  const room = `/_matrix/client/v3/rooms/${id(roomId)}`
  const refused: [string, string, object][] = [
    ['PUT', `${room}/send/m.room.message/1`, { msgtype: 'm.text', body: 'x' }],
    ['PUT', `${room}/state/m.room.name/`, { name: 'x' }],
    ['POST', `${room}/invite`, { user_id: '@x:here.test' }],
    ['POST', `${room}/kick`, { user_id: other.userId }],
    ['PUT', `${room}/typing/${id(owner.userId)}`, { typing: true, timeout: 1000 }],
    ['PUT', `${room}/redact/${id(foreign)}/2`, {}],
    ['POST', `/_matrix/client/v3/join/${id(open)}`, {}],
    ['POST', '/_matrix/client/v3/createRoom', {}],
  ]
  for (const [method, path, body] of refused) {
    const answer = await owner.request(method, path, body)
    expect([answer.status, answer.body['errcode']], `${method} ${path}`).toEqual([403, 'M_USER_SUSPENDED'])
  }
  const allowed: [string, string, object?][] = [
    ['GET', '/_matrix/client/v3/sync?timeout=0'],
    ['GET', `${room}/messages?dir=b`],
    ['POST', `${room}/receipt/m.read/${id(foreign)}`, {}],
    ['PUT', `${room}/redact/${id(own)}/3`, {}],
    ['POST', `${room}/leave`, {}],
  ]
  for (const [method, path, body] of allowed) {
    expect((await owner.request(method, path, body)).status, `${method} ${path}`).toBe(200)
  }
  await suspend(owner, false)
  expect(await owner.join(open)).toBe(open)
})
