import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestAnswer, TestClient } from '../../spec-tests/support/test-client.ts'
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

function ask(client: TestClient, roomId: string, query: Record<string, string> = {}): Promise<TestAnswer> {
  const path = `/_matrix/client/v1/rooms/${encodeURIComponent(roomId)}/hierarchy`
  return client.request('GET', `${path}?${new URLSearchParams(query)}`)
}

function roomsOf({ body }: TestAnswer): readonly Json[] {
  return body['rooms'] as readonly Json[]
}

async function ids(client: TestClient, roomId: string, query: Record<string, string> = {}) {
  return roomsOf(await ask(client, roomId, query)).map((room) => room['room_id'])
}

function space(options: Json = {}): Promise<string> {
  return alice.createRoom({ preset: 'public_chat', creation_content: { type: 'm.space' }, ...options })
}

function room(options: Json = {}): Promise<string> {
  return alice.createRoom({ preset: 'public_chat', ...options })
}

async function link(parent: string, child: string, content: Json = {}): Promise<void> {
  await alice.setState(parent, 'm.space.child', { via: ['here.test'], ...content }, child)
}

/** A space with two rooms around another space, which has two rooms of its own. */
async function tree() {
  const root = await space({ name: 'Root' })
  const [first, last, inner, left, right] = [
    await room({ name: 'First' }),
    await room(),
    await space(),
    await room(),
    await room(),
  ]
  await link(root, first, { order: 'a', suggested: true })
  await link(root, inner, { order: 'b' })
  await link(root, last, { suggested: true })
  await link(inner, left, { order: 'a' })
  await link(inner, right, { order: 'b' })
  return { root, first, last, inner, left, right }
}

describe('a space', () => {
  it('is told depth first, its children in their order and with what links them', async () => {
    const { root, first, last, inner, left, right } = await tree()
    const answer = await ask(alice, root)
    expect(roomsOf(answer).map((each) => each['room_id'])).toEqual([root, first, inner, left, right, last])
    expect(answer.body).not.toHaveProperty('next_batch')
    const [top, child] = roomsOf(answer)
    expect(top).toMatchObject({ name: 'Root', room_type: 'm.space', room_version: '12', join_rule: 'public' })
    expect(child).toMatchObject({ name: 'First', num_joined_members: 1, children_state: [] })
    expect((top?.['children_state'] as Json[]).map((event) => event['state_key'])).toEqual([
      first,
      inner,
      last,
    ])
    expect((top?.['children_state'] as Json[])[0]).toEqual({
      type: 'm.space.child',
      state_key: first,
      sender: alice.userId,
      content: { via: ['here.test'], order: 'a', suggested: true },
      origin_server_ts: expect.any(Number) as number,
    })
  })

  it('is told as deep as asked, or with the suggested rooms alone', async () => {
    const { root, first, last, inner } = await tree()
    expect(await ids(alice, root, { max_depth: '1' })).toEqual([root, first, inner, last])
    expect(await ids(alice, root, { max_depth: '0' })).toEqual([root])
    const suggested = await ask(alice, root, { suggested_only: 'true' })
    expect(roomsOf(suggested).map((each) => each['room_id'])).toEqual([root, first, last])
    const links = roomsOf(suggested)[0]?.['children_state'] as Json[]
    expect(links.map((event) => event['state_key'])).toEqual([first, last])
  })

  it('ends where it comes round, and leaves out links that are none', async () => {
    const root = await space()
    const inner = await space()
    const [removed, wrong, plain] = [await room(), await room(), await room()]
    await link(root, inner)
    await link(inner, root)
    await link(root, removed)
    await alice.setState(root, 'm.space.child', {}, removed)
    await alice.setState(root, 'm.space.child', { via: 'here.test' }, wrong)
    await alice.setState(root, 'm.space.child', { via: ['here.test'] }, 'no room')
    await link(root, plain)
    // A room that is no space has no children.
    await link(plain, wrong)
    expect(await ids(alice, root)).toEqual([root, inner, plain])
    expect((roomsOf(await ask(alice, root))[0]?.['children_state'] as Json[]).length).toBe(2)
  })

  it('comes in pages, whose tokens hold even where the walk is forgotten', async () => {
    const { root, first, last, inner, left, right } = await tree()
    const page = await ask(alice, root, { limit: '2' })
    expect(roomsOf(page).map((each) => each['room_id'])).toEqual([root, first])
    const from = String(page.body['next_batch'])
    for (let time = 0; time < 2; time++) {
      const next = await ask(alice, root, { limit: '3', from })
      expect(roomsOf(next).map((each) => each['room_id'])).toEqual([inner, left, right])
      const end = await ask(alice, root, { from: String(next.body['next_batch']) })
      expect(roomsOf(end).map((each) => each['room_id'])).toEqual([last])
      expect(end.body).not.toHaveProperty('next_batch')
    }
    const forgotten = from.replace(/^h[\w-]+/, 'hforgotten')
    expect(await ids(alice, root, { limit: '3', from: forgotten })).toEqual([inner, left, right])
    const changes: Record<string, string>[] = [{ max_depth: '3' }, { suggested_only: 'true' }, { from: 'x' }]
    for (const changed of changes) {
      const answer = await ask(alice, root, { from, ...changed })
      expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_INVALID_PARAM'])
    }
  })

  it.each<Record<string, string>>([
    { limit: '0' },
    { limit: 'x' },
    { max_depth: '-1' },
    { suggested_only: 'x' },
  ])('refuses %j', async (query) => {
    expect((await ask(alice, await space(), query)).status).toBe(400)
  })
})

describe('who may see the rooms of a space', () => {
  it('members, the invited, and who may join, knock or look in', async () => {
    const root = await space()
    const rule = (join_rule: string, more: Json = {}) => ({
      initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule, ...more } }],
    })
    const closed = await room(rule('invite'))
    const invited = await room({ ...rule('invite'), invite: [bob.userId] })
    const knock = await room(rule('knock'))
    const ofMembers = rule('restricted', { allow: [{ type: 'm.room_membership', room_id: root }] })
    const restricted = await room(ofMembers)
    const visibility = {
      type: 'm.room.history_visibility',
      content: { history_visibility: 'world_readable' },
    }
    const readable = await room({ initial_state: [...rule('invite').initial_state, visibility] })
    const banned = await room()
    await alice.call('POST', `/rooms/${encodeURIComponent(banned)}/ban`, { user_id: bob.userId })
    for (const child of [closed, invited, knock, restricted, readable, banned]) await link(root, child)
    expect(await ids(alice, root)).toHaveLength(7)
    expect(await ids(bob, root)).toEqual([root, invited, knock, readable])
    await bob.join(root)
    expect(await ids(bob, root)).toEqual([root, invited, knock, restricted, readable])
    const summary = roomsOf(await ask(bob, root)).find((each) => each['room_id'] === restricted)
    expect(summary).toMatchObject({ join_rule: 'restricted', allowed_room_ids: [root] })
    for (const hidden of [closed, banned, '!unknown:here.test']) {
      const answer = await ask(bob, hidden)
      expect([answer.status, answer.body['errcode']]).toEqual([403, 'M_FORBIDDEN'])
    }
  })
})
