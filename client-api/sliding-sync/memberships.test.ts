import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { everything, messagesIn, slide, stateIn, type SlidingRoom } from './sliding-client.fixture.ts'

let server: TestServer
let alice: TestClient
let users = 0

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
})
afterAll(() => server.close())

const newUser = (): Promise<TestClient> => server.register(`user${++users}`)
const lists = { all: everything(10, [['m.room.member', '$ME'], ['m.room.name', '']]) } // prettier-ignore
const act = (client: TestClient, roomId: string, action: string, body: object = {}): Promise<unknown> =>
  client.call('POST', `/rooms/${encodeURIComponent(roomId)}/${action}`, body)
const others = ({ userId }: TestClient): { user_id: string } => ({ user_id: userId })

function own(room: SlidingRoom | undefined, { userId }: TestClient): unknown {
  return room?.required_state?.find(({ state_key: key }) => key === userId)?.content['membership']
}

it('shows an invite by its stripped state, and the room once it is joined', async () => {
  const user = await newUser()
  const { pos } = await slide(user, { lists })
  const roomId = await alice.createRoom({ name: 'Guests', preset: 'private_chat', invite: [user.userId] })
  const invited = await slide(user, { lists }, pos, 20_000)
  const room = invited.rooms[roomId]!
  expect(room).toMatchObject({ initial: true, bump_stamp: expect.any(Number) as number })
  expect(room).not.toHaveProperty('timeline')
  expect(room).not.toHaveProperty('name')
  const stripped = room['invite_state'] as { type: string; state_key: string }[]
  expect(stripped.map(({ type }) => type)).toEqual(expect.arrayContaining(['m.room.create', 'm.room.name']))
  expect(stripped.at(-1)).toMatchObject({ type: 'm.room.member', state_key: user.userId })
  const again = await slide(user, { lists }, invited.pos)
  expect(again.rooms).toEqual({})

  await user.join(roomId)
  const joined = await slide(user, { lists }, again.pos)
  expect(joined.rooms[roomId]).toMatchObject({ initial: true, name: 'Guests', joined_count: 2, num_live: 1 })
  expect(joined.rooms[roomId]).not.toHaveProperty('invite_state')
  expect(own(joined.rooms[roomId], user)).toBe('join')
})

it('shows a knock, and how an invite was turned down', async () => {
  const user = await newUser()
  const roomId = await alice.createRoom({
    initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }],
  })
  await user.call('POST', `/knock/${encodeURIComponent(roomId)}`, {})
  const knocked = await slide(user, { lists })
  expect(knocked.rooms[roomId]!['invite_state']).toContainEqual(
    expect.objectContaining({ type: 'm.room.member', state_key: user.userId }),
  )
  await act(alice, roomId, 'invite', others(user))
  const invited = await slide(user, { lists }, knocked.pos)
  expect(invited.rooms[roomId]).toMatchObject({ initial: true })
  await act(user, roomId, 'leave')
  const left = await slide(user, { lists }, invited.pos)
  expect(own(left.rooms[roomId], user)).toBe('leave')
  expect(stateIn(left.rooms[roomId])).toEqual([`m.room.member/${user.userId}`])
  const fresh = await slide(user, { lists })
  expect(fresh.rooms).toEqual({})
})

it('tells once that the user left, also in rooms out of the window, and nothing of what came after', async () => {
  const user = await newUser()
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  const other = await alice.createRoom({ preset: 'public_chat' })
  await user.join(roomId)
  await user.join(other)
  const first = await slide(user, { lists })
  await alice.say(roomId, 'before')
  await act(user, roomId, 'leave')
  await alice.say(roomId, 'after')
  await alice.say(other, 'newer')
  const front = { all: { ...lists.all, ranges: [[0, 0]] } }
  const elsewhere = await slide(user, { lists: front }, first.pos)
  expect(Object.keys(elsewhere.rooms)).toEqual([other])
  const left = await slide(user, { lists }, elsewhere.pos)
  expect(own(left.rooms[roomId], user)).toBe('leave')
  expect(messagesIn(left.rooms[roomId])).toEqual(['before'])
  expect((await slide(user, { lists }, left.pos)).rooms).toEqual({})
  expect(Object.keys((await slide(user, { conn_id: 'fresh', lists })).rooms)).toEqual([other])

  await user.join(roomId)
  const back = await slide(user, { lists }, left.pos)
  expect(back.rooms[roomId]).toMatchObject({ initial: true })
})

it.each(['kick', 'ban'])('shows rooms after a %s, as they were, until they are forgotten', async (action) => {
  const user = await newUser()
  const roomId = await alice.createRoom({ preset: 'public_chat', name: 'Before' })
  await user.join(roomId)
  await act(alice, roomId, action, others(user))
  await alice.setState(roomId, 'm.room.name', { name: 'After' })
  const fresh = await slide(user, { lists })
  expect(fresh.rooms[roomId]).toMatchObject({ initial: true, name: 'Before' })
  expect(own(fresh.rooms[roomId], user)).toBe(action === 'kick' ? 'leave' : 'ban')
  await act(user, roomId, 'forget')
  expect((await slide(user, { lists })).rooms).toEqual({})
})

it('does not show rooms that the user was banned from without ever being in', async () => {
  const user = await newUser()
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  await act(alice, roomId, 'ban', others(user))
  expect((await slide(user, { lists })).rooms).toEqual({})
})

it('does not show invites of users whom the user ignores', async () => {
  const user = await newUser()
  const data = { ignored_users: { [alice.userId]: {} } }
  await user.call('PUT', `/user/${user.userId}/account_data/m.ignored_user_list`, data)
  await alice.createRoom({ preset: 'private_chat', invite: [user.userId] })
  const answer = await slide(user, { lists })
  expect([answer.rooms, answer.lists['all']!.count]).toEqual([{}, 0])
})

it('shows nothing from before a join where history is closed', async () => {
  const user = await newUser()
  const visibility = { type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }
  const roomId = await alice.createRoom({ preset: 'public_chat', initial_state: [visibility] })
  await alice.say(roomId, 'closed')
  await user.join(roomId)
  await alice.say(roomId, 'open')
  expect(messagesIn((await slide(user, { lists })).rooms[roomId])).toEqual(['open'])
})
