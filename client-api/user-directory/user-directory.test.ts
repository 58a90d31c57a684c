import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let eve: TestClient
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('user-alice')
  bob = await server.register('user-bob')
  eve = await server.register('user-eve')
  await name(alice, 'Alice Cooper')
})
afterAll(() => server.close())

function name(client: TestClient, displayname: string): Promise<unknown> {
  return client.call('PUT', `/profile/${client.userId}/displayname`, { displayname })
}

async function find(client: TestClient, term: string, limit?: number) {
  const body = { search_term: term, ...(limit !== undefined && { limit }) }
  const answer = await client.call('POST', '/user_directory/search', body)
  const results = answer['results'] as { user_id: string; display_name?: string }[]
  return { users: results.map((user) => user.user_id), results, limited: answer['limited'] }
}

it('shows nobody to strangers, and who is in an open room to everybody', async () => {
  expect(await find(eve, 'alice')).toEqual({ users: [], results: [], limited: false })
  const room = await alice.createRoom({ preset: 'public_chat' })
  for (const term of ['Alice Cooper', 'alice', 'COOP', '@user', alice.userId, 'oper']) {
    expect((await find(eve, term)).results, term).toEqual([
      { user_id: alice.userId, display_name: 'Alice Cooper' },
    ])
  }
  for (const term of ['op', 'cooper eve', '', '@', 'x'.repeat(100_000)]) {
    expect((await find(eve, term)).users, term.slice(0, 20)).toEqual([])
  }
  await alice.setState(room, 'm.room.join_rules', { join_rule: 'invite' })
  expect((await find(eve, 'alice')).users).toEqual([])
  await alice.setState(room, 'm.room.history_visibility', { history_visibility: 'world_readable' })
  expect((await find(eve, 'alice')).users).toEqual([alice.userId])
})

it('shows those who share a room to each other, by their profile and not by what they are called there', async () => {
  const room = await bob.createRoom({ invite: [alice.userId] })
  expect((await find(alice, 'bob')).users).toEqual([])
  await alice.join(room)
  await alice.setState(room, 'm.room.member', { membership: 'join', displayname: 'Freddy' }, alice.userId)
  expect((await find(alice, 'bob')).users).toEqual([bob.userId])
  expect((await find(bob, '@user')).users).toEqual([alice.userId])
  expect((await find(bob, 'freddy')).users).toEqual([])
  expect((await find(eve, 'freddy')).users).toEqual([])
  await name(alice, 'Vincent Furnier')
  expect((await find(bob, 'cooper')).users).toEqual([])
  expect((await find(bob, 'vinc')).users).toEqual([alice.userId])
  await alice.call('POST', `/rooms/${encodeURIComponent(room)}/leave`, {})
  expect((await find(alice, 'bob')).users).toEqual([])
})

it('puts the best matches first and says when there are more', async () => {
  const searcher = await server.register('searcher')
  const room = await searcher.createRoom({ preset: 'public_chat' })
  const named = ['zannas', 'annabel', 'anna', 'hannah', 'anna-b']
  const clients: TestClient[] = []
  for (const localpart of named) {
    const client = await server.register(localpart)
    clients.push(client)
    await client.join(room)
  }
  await name(clients[4]!, 'Nothing 日本語 "quoted" \\ \' \0 & | ! :*')
  const ids = (...localparts: string[]): string[] => localparts.map((localpart) => `@${localpart}:here.test`)
  expect((await find(searcher, 'anna')).users).toEqual(ids('anna-b', 'anna', 'annabel', 'zannas', 'hannah'))
  expect((await find(searcher, 'nna')).users.toSorted()).toEqual(ids(...named).toSorted())
  expect(await find(searcher, 'anna', 2)).toMatchObject({ users: ids('anna-b', 'anna'), limited: true })
  expect((await find(searcher, '日本')).users).toEqual(ids('anna-b'))
  expect((await find(searcher, `quoted' & \\ "!`)).users).toEqual(ids('anna-b'))
  const deactivation = { auth: { type: 'm.login.password', user: 'anna', password: 'correct horse battery' } }
  const { body } = await clients[2]!.request('POST', '/_matrix/client/v3/account/deactivate', {})
  await clients[2]!.call('POST', '/account/deactivate', {
    auth: { ...deactivation.auth, session: body['session'] },
  })
  expect((await find(searcher, 'anna')).users).toEqual(ids('anna-b', 'annabel', 'zannas', 'hannah'))
})

it('refuses what is no search', async () => {
  const wrong = [{}, { search_term: 7 }, { search_term: 'x', limit: 'many' }, { search_term: 'x', limit: -1 }]
  for (const body of wrong) {
    const { status } = await bob.request('POST', '/_matrix/client/v3/user_directory/search', body)
    expect(status, JSON.stringify(body)).toBe(400)
  }
})
