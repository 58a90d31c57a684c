import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { everything, messagesIn, post, slide, stateIn } from './sliding-client.fixture.ts'

let server: TestServer
let alice: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
})
afterAll(() => server.close())

const window = (last: number, timelineLimit = 1, required: readonly (readonly [string, string])[] = []) => ({
  all: { ranges: [[0, last]], timeline_limit: timelineLimit, required_state: required },
})

/** A user with rooms, the newest first. */
async function userWithRooms(name: string, count: number): Promise<{ user: TestClient; rooms: string[] }> {
  const user = await server.register(name)
  const rooms: string[] = []
  for (let index = 0; index < count; index++) rooms.unshift(await user.createRoom({ preset: 'public_chat' }))
  return { user, rooms }
}

it('gives rooms by activity, and only those that a wider window adds', async () => {
  const { user, rooms } = await userWithRooms('wide', 4)
  await user.say(rooms[3]!, 'up')
  const order = [rooms[3], rooms[0], rooms[1], rooms[2]]
  const first = await slide(user, { lists: window(1) })
  expect(first.lists['all']!.count).toBe(4)
  expect(Object.keys(first.rooms).toSorted()).toEqual(order.slice(0, 2).toSorted())
  const second = await slide(user, { lists: window(99) }, first.pos)
  expect(Object.keys(second.rooms).toSorted()).toEqual(order.slice(2).toSorted())
  const third = await slide(user, { lists: window(0) }, second.pos)
  expect(third.rooms).toEqual({})
})

it('catches up with rooms that fell out of the window, however long ago', async () => {
  const { user, rooms } = await userWithRooms('late', 2)
  const [front, back] = rooms as [string, string]
  const required = [['m.room.topic', '']] as const
  let { pos } = await slide(user, { lists: window(9, 2, required) })
  await user.setState(back, 'm.room.topic', { topic: 'unseen' })
  await user.say(back, 'one')
  await user.say(back, 'two')
  await user.say(front, 'loud')
  for (const text of ['louder', 'loudest']) {
    const answer = await slide(user, { lists: window(0, 2, required) }, pos)
    expect(Object.keys(answer.rooms)).toEqual([front])
    pos = answer.pos
    await user.say(front, text)
  }
  const whole = await slide(user, { lists: window(9, 2, required) }, pos)
  expect(messagesIn(whole.rooms[back])).toEqual(['one', 'two'])
  expect(whole.rooms[back]).toMatchObject({ limited: true, num_live: 0 })
  expect(whole.rooms[back]).not.toHaveProperty('initial')
  expect(stateIn(whole.rooms[back])).toEqual(['m.room.topic/'])
  expect(messagesIn(whole.rooms[front])).toEqual(['loudest'])
})

it('gives older events when more are asked for, also by a subscription', async () => {
  const { user, rooms } = await userWithRooms('older', 1)
  const [roomId] = rooms as [string]
  for (const text of ['a', 'b', 'c']) await user.say(roomId, text)
  const first = await slide(user, { lists: window(9, 1) })
  expect(messagesIn(first.rooms[roomId])).toEqual(['c'])
  const subscribed = {
    lists: window(9, 1),
    room_subscriptions: { [roomId]: { timeline_limit: 3, required_state: [['m.room.create', '']] } },
  }
  const more = await slide(user, subscribed, first.pos, 20_000)
  expect(messagesIn(more.rooms[roomId])).toEqual(['a', 'b', 'c'])
  expect(more.rooms[roomId]).toMatchObject({ unstable_expanded_timeline: true, limited: true, num_live: 0 })
  expect(stateIn(more.rooms[roomId])).toEqual(['m.room.create/'])
  const fewer = await slide(user, { lists: window(9, 1) }, more.pos)
  expect(fewer.rooms).toEqual({})
  await user.say(roomId, 'd')
  const next = await slide(user, subscribed, fewer.pos)
  expect(messagesIn(next.rooms[roomId])).toEqual(['d'])
})

it('gives a room through several lists once, with the widest wishes, and several windows of one list', async () => {
  const { user, rooms } = await userWithRooms('several', 4)
  const lists = {
    few: { ranges: [[0, 0]], timeline_limit: 1, required_state: [['m.room.create', '']] },
    more: { ranges: [[0, 0], [2, 3]], timeline_limit: 3, required_state: [['m.room.join_rules', '']] },
    none: { ranges: [], timeline_limit: 3, required_state: [] },
  } // prettier-ignore
  const answer = await slide(user, { lists })
  expect(Object.keys(answer.rooms).toSorted()).toEqual([rooms[0], rooms[2], rooms[3]].toSorted())
  expect(stateIn(answer.rooms[rooms[0]!])).toEqual(['m.room.create/', 'm.room.join_rules/'])
  expect(answer.rooms[rooms[0]!]!.timeline).toHaveLength(3)
  expect(stateIn(answer.rooms[rooms[2]!])).toEqual(['m.room.join_rules/'])
  expect(answer.lists).toEqual({ few: { count: 4 }, more: { count: 4 }, none: { count: 4 } })
})

it('takes many subscriptions with the same wishes, and refuses rules beyond all measure', async () => {
  const { user, rooms } = await userWithRooms('rules', 9)
  const config = { timeline_limit: 1, required_state: [['m.room.create', '']] }
  const subscriptions = [...rooms, ...Array.from({ length: 400 }, (_, index) => `!unknown${index}:x`)]
  const room_subscriptions = Object.fromEntries(subscriptions.map((roomId) => [roomId, config]))
  expect(Object.keys((await slide(user, { room_subscriptions })).rooms)).toHaveLength(9)
  const long = {
    timeline_limit: 1,
    required_state: Array.from({ length: 490 }, (_, n) => [`${n}`.repeat(300), '']),
  }
  const answer = await post(user, { lists: { long: { ...long, ranges: [[0, 9]] } } })
  expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_TOO_LARGE'])
})

it('gives nothing of rooms that are none of the user’s', async () => {
  const secret = await alice.createRoom({ preset: 'private_chat' })
  const { user } = await userWithRooms('stranger', 0)
  const config = { timeline_limit: 5, required_state: [['*', '*']] }
  const answer = await slide(user, {
    room_subscriptions: { [secret]: config, '!unknown:x': config, nonsense: config },
  })
  expect(answer.rooms).toEqual({})
})

it('moves rooms up by their events, and says by which of them clients order', async () => {
  const { user, rooms } = await userWithRooms('bumps', 2)
  const [front, back] = rooms as [string, string]
  const first = await slide(user, { lists: window(9) })
  const stamps = [front, back].map((roomId) => Number(first.rooms[roomId]!['bump_stamp']))
  expect(stamps[0]).toBeGreaterThan(stamps[1]!)
  await user.setState(back, 'm.room.topic', { topic: 'quiet' })
  const quiet = await slide(user, { lists: window(0) }, first.pos)
  expect(Object.keys(quiet.rooms)).toEqual([back])
  expect(quiet.rooms[back]).not.toHaveProperty('bump_stamp')
  await user.say(back, 'loud')
  const loud = await slide(user, { lists: window(0) }, quiet.pos)
  expect(loud.rooms[back]!['bump_stamp']).toBeGreaterThan(stamps[0]!)
})

it('refuses rules that cost more with every room than they are worth', async () => {
  const { user } = await userWithRooms('costly', 1)
  const refused = async (lists: Json): Promise<unknown[]> => {
    const { status, body } = await post(user, { lists })
    return [status, body['errcode']]
  }
  const state = (list: number) => Array.from({ length: 100 }, (_, n) => [`t${list}`, `k${n}`] as const)
  const overlapping = Array.from({ length: 20 }, (_, list) => [`l${list}`, everything(0, state(list))])
  expect(await refused(Object.fromEntries(overlapping))).toEqual([400, 'M_INVALID_PARAM'])
  for (const filters of [
    { room_name_like: 'x'.repeat(300) },
    { tags: Array.from({ length: 101 }, (_, n) => `${n}`) },
  ]) {
    expect(await refused({ list: { ...everything(0), filters } })).toEqual([400, 'M_INVALID_PARAM'])
  }
})
