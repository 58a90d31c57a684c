import { afterAll, beforeAll, expect, it } from 'vitest'
import { foundIds, searchMessages } from '../../spec-tests/support/search-messages.ts'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

async function bobFinds(term: string): Promise<string[]> {
  return foundIds(await searchMessages(bob, term, { order_by: 'recent' }))
}

it('goes through rooms that were left, up to the leave, and not through forgotten ones', async () => {
  const room = await alice.createRoom({ preset: 'public_chat' })
  const path = `/rooms/${encodeURIComponent(room)}`
  await alice.say(room, 'departing secret before')
  expect(await bobFinds('departing')).toEqual([])
  await bob.join(room)
  const heard = await alice.say(room, 'departing while there')
  await bob.call('POST', `${path}/leave`, {})
  await alice.say(room, 'departing secret after')
  const found = await bobFinds('departing')
  expect(found).toContain(heard)
  expect(found).toHaveLength(2)
  const state = await searchMessages(bob, 'departing', { include_state: true })
  expect(state.state![room]!.length).toBeGreaterThan(3)
  await bob.call('POST', `${path}/forget`, {})
  expect(await bobFinds('departing')).toEqual([])
})

it('finds a message of a room that was left by what it said then', async () => {
  const room = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(room)
  const edit = (body: string) =>
    alice.send(room, 'm.room.message', {
      msgtype: 'm.text',
      body: `* ${body}`,
      'm.new_content': { msgtype: 'm.text', body },
      'm.relates_to': { rel_type: 'm.replace', event_id: said },
    })
  const said = await alice.say(room, 'primordial soup')
  await edit('medieval soup')
  await bob.call('POST', `/rooms/${encodeURIComponent(room)}/leave`, {})
  await edit('futuristic soup')
  const bobs = [await bobFinds('primordial'), await bobFinds('medieval'), await bobFinds('futuristic')]
  expect(bobs).toEqual([[], [said], []])
  const alices = await Promise.all(
    ['primordial', 'medieval', 'futuristic'].map(async (term) => foundIds(await searchMessages(alice, term))),
  )
  expect(alices).toEqual([[], [], [said]])
})

it('tells no state from after a departure to who was banned later', async () => {
  const room = await alice.createRoom({ preset: 'public_chat' })
  const path = `/rooms/${encodeURIComponent(room)}`
  await bob.join(room)
  await alice.say(room, 'expelled words')
  await bob.call('POST', `${path}/leave`, {})
  await alice.setState(room, 'm.room.topic', { topic: 'Without Bob' })
  await alice.call('POST', `${path}/ban`, { user_id: bob.userId })
  const found = await searchMessages(bob, 'expelled', { include_state: true })
  expect(foundIds(found)).toHaveLength(1)
  expect(JSON.stringify(found)).not.toContain('Without Bob')
})

it('neither shows nor counts what a user may not see', async () => {
  const initial_state = [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }]
  const room = await alice.createRoom({ preset: 'public_chat', initial_state })
  for (let index = 0; index < 20; index++) await alice.say(room, `classified ${index}`)
  await bob.join(room)
  expect(await searchMessages(bob, 'classified')).toEqual({
    count: 0,
    highlights: ['classified'],
    results: [],
  })
  const heard = await alice.say(room, 'classified no more')
  const found = await searchMessages(bob, 'classified', { event_context: {} })
  expect([foundIds(found), found.count]).toEqual([[heard], 1])
  expect(JSON.stringify(found)).not.toContain('classified 19')
})

it('leaves out who is ignored', async () => {
  const room = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(room)
  const said = await alice.say(room, 'bothersome words')
  expect(await bobFinds('bothersome')).toEqual([said])
  const content = { ignored_users: { [alice.userId]: {} } }
  await bob.call('PUT', `/user/${encodeURIComponent(bob.userId)}/account_data/m.ignored_user_list`, content)
  expect(await bobFinds('bothersome')).toEqual([])
  expect((await searchMessages(bob, 'bothersome')).count).toBe(0)
  await bob.call('PUT', `/user/${encodeURIComponent(bob.userId)}/account_data/m.ignored_user_list`, {
    ignored_users: {},
  })
})

it('a search of a room goes through the rooms that it replaced', async () => {
  const old = await alice.createRoom({ room_version: '10' })
  const before = await alice.say(old, 'ancestral wisdom')
  const upgrade = await alice.call('POST', `/rooms/${encodeURIComponent(old)}/upgrade`, { new_version: '11' })
  const room = String(upgrade['replacement_room'])
  const after = await alice.say(room, 'ancestral folly')
  const found = await searchMessages(alice, 'ancestral', { filter: { rooms: [room] } })
  expect(foundIds(found).toSorted()).toEqual([before, after].toSorted())
  const without = { filter: { rooms: [room], not_rooms: [old] } }
  expect(foundIds(await searchMessages(alice, 'ancestral', without))).toEqual([after])
})

it('refuses what is no search, and answers every odd term', async () => {
  const room = await alice.createRoom()
  const said = await alice.say(room, 'robust')
  const criteria = { filter: { rooms: [room] } }
  const odd = [
    "' | & ! ( :* <->",
    '"',
    '--',
    '\\',
    '\0',
    '\ud800',
    '%',
    '.*',
    '(((',
    '-',
    'or or or',
    '"" -""',
    "';--",
  ]
  for (const term of odd) {
    expect(foundIds(await searchMessages(alice, term, criteria)), JSON.stringify(term)).toEqual([])
    const mixed = await searchMessages(alice, `robust ${term}`, criteria)
    expect([[], [said]], JSON.stringify(term)).toContainEqual(foundIds(mixed))
  }
  const refused = [
    { search_term: 'x'.repeat(501) },
    { search_term: 7 },
    {},
    { search_term: 'x', keys: ['content.secret'] },
    { search_term: 'x', order_by: 'luck' },
    { search_term: 'x', groupings: { group_by: [{ key: 'type' }] } },
    { search_term: 'x', event_context: { before_limit: -1 } },
  ]
  for (const room_events of refused) {
    const answer = await alice.request('POST', '/_matrix/client/v3/search', {
      search_categories: { room_events },
    })
    expect(answer.status, JSON.stringify(room_events)).toBe(400)
  }
  const body = { search_categories: { room_events: { search_term: 'x' } } }
  for (const token of [
    'x',
    'W10',
    Buffer.from('["1",1,1,1,"type","x"]').toString('base64url'),
    'a'.repeat(5_000),
  ]) {
    const { status } = await alice.request('POST', `/_matrix/client/v3/search?next_batch=${token}`, body)
    expect(status, token.slice(0, 50)).toBe(400)
  }
})
