import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeAdministrator } from '../../spec-tests/support/administrator.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let testDatabase: TestDatabase
let server: TestServer
let admin: TestClient
let alice: TestClient

const STRICT = { per_second: 0.001, burst_count: 1 }

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  server = await startTestServer({
    database: testDatabase.address,
    config: {
      server_notices: {
        system_mxid_localpart: '_server',
        system_mxid_display_name: 'The Server',
        room_name: 'Notices',
        room_topic: 'What you should know',
        room_avatar_url: 'mxc://here.test/avatar',
      },
      rc_room_creation: STRICT,
    },
  })
  alice = await server.register('alice')
  admin = await server.register('admin')
  await makeAdministrator(testDatabase.address, admin)
})
afterAll(async () => {
  await server.close()
  await testDatabase.close()
})

const PATH = '/_synapse/admin/v1/send_server_notice'

function notice(user: TestClient): Json {
  return { user_id: user.userId, content: { msgtype: 'm.text', body: 'hello' } }
}

async function invitesOf(user: TestClient): Promise<Json> {
  return ((await user.sync())['rooms'] as { readonly invite?: Json } | undefined)?.invite ?? {}
}

it('notices come in one room for a user, which stands until the user has joined it', async () => {
  expect((await alice.request('POST', PATH)).body).toMatchObject({ errcode: 'M_FORBIDDEN' })
  const sent = await admin.request('POST', PATH, notice(alice))
  expect(sent.body).toEqual({ event_id: expect.any(String) as string })
  const [[roomId, invite]] = Object.entries(await invitesOf(alice)) as [[string, { invite_state: Json }]]
  expect((invite.invite_state['events'] as Json[])[0]?.['sender']).toBe('@_server:here.test')
  const tags = await alice.call(
    'GET',
    `/user/${alice.userId}/rooms/${encodeURIComponent(roomId)}/account_data/m.tag`,
  )
  expect(tags).toEqual({ tags: { 'm.server_notice': {} } })

  const room = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`
  const kept = { errcode: 'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM' }
  expect((await alice.request('POST', `${room}/leave`, {})).body).toMatchObject(kept)
  const leaving = await alice.request('PUT', `${room}/state/m.room.member/${alice.userId}`, {
    membership: 'leave',
  })
  expect(leaving.body).toMatchObject(kept)
  await alice.join(roomId)
  expect((await alice.request('GET', `${room}/event/${String(sent.body['event_id'])}`)).body).toMatchObject({
    content: { body: 'hello' },
  })
  expect((await alice.request('PUT', `${room}/send/m.room.message/a`, notice(alice)['content'])).status).toBe(
    403,
  )
  const state = (await alice.state(roomId)).map((event) => [event['type'], event['content']])
  expect(state).toContainEqual(['m.room.name', { name: 'Notices' }])
  expect(state).toContainEqual(['m.room.avatar', { url: 'mxc://here.test/avatar' }])

  await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
  await admin.request('POST', PATH, notice(alice))
  expect(Object.keys(await invitesOf(alice))).toEqual([roomId])
})

it('the same request sends a notice once', async () => {
  const [one, two] = await Promise.all(['', ''].map(() => admin.request('PUT', `${PATH}/txn`, notice(alice))))
  expect(one!.status).toBe(200)
  expect(two!.body).toEqual(one!.body)
})

it('many users are told at once, and each has one room', async () => {
  const users = await Promise.all(['u1', 'u2', 'u3'].map((name) => server.register(name)))
  const answers = await Promise.all(
    [...users, ...users].map((user) => admin.request('POST', PATH, notice(user))),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
  for (const user of users) expect(Object.keys(await invitesOf(user))).toHaveLength(1)
})

it('nobody else is told', async () => {
  const unknown = await admin.request('POST', PATH, { ...notice(alice), user_id: '@none:here.test' })
  expect([unknown.status, unknown.body['errcode']]).toEqual([404, 'M_NOT_FOUND'])
  expect((await admin.request('POST', PATH, { user_id: alice.userId })).body).toMatchObject({
    errcode: 'M_BAD_JSON',
  })
})
