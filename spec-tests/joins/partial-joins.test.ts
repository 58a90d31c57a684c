import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SyntheticRoom } from '../../federation/test-support/synthetic-room.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import { eventually } from '../support/eventually.ts'
import { TestClient, type Json } from '../support/test-client.ts'
import { HERE, joiningRegion, RESIDENT, type JoiningRegion } from './joining-region.ts'

const LAZY = encodeURIComponent(
  JSON.stringify({ room: { state: { lazy_load_members: true }, timeline: { lazy_load_members: true } } }),
)
const id = encodeURIComponent
const MEMBERS = 30

let joining: JoiningRegion
let release: () => void
let users = 0

beforeAll(async () => {
  joining = await joiningRegion()
})
afterAll(() => joining.close())

async function newUser(): Promise<TestClient> {
  const client = new TestClient(joining.region.url)
  await client.register(`user${++users}`)
  return client
}

/** A user who has joined a room whose members are not told before `release`. */
async function partialJoin(version: '10' | '12', members = MEMBERS) {
  const held = new Promise<void>((resolve) => (release = resolve))
  joining.resident.beforeStateIds = () => held
  const room = joining.room(version, members + users)
  const client = await newUser()
  await client.join(room.roomId, [RESIDENT])
  return { room, client }
}

const joinedRooms = (answer: Json): Json => ((answer['rooms'] ?? {}) as Json)['join'] as Json
const sync = (client: TestClient, query = '') => client.call('GET', `/sync?${query}`)

async function membersOf(client: TestClient, { roomId }: SyntheticRoom): Promise<string[]> {
  const { joined } = await client.call('GET', `/rooms/${id(roomId)}/joined_members`)
  return Object.keys(joined as Json).toSorted()
}

function membersIn(room: SyntheticRoom): string[] {
  const members = [...room.state.values()].filter(
    ({ type, content }) => type === 'm.room.member' && content['membership'] === 'join',
  )
  return members.map(({ stateKey }) => stateKey!).toSorted()
}

describe.each(['10', '12'] as const)('while the members of a room of version %s are not known', (version) => {
  test('a user is in it, speaks and is spoken to; it is whole when they have been told', async () => {
    const { room, client } = await partialJoin(version)
    const { roomId } = room
    const before = await sync(client)
    expect(joinedRooms(before)).not.toHaveProperty([roomId])
    expect(joinedRooms(await sync(client, `filter=${LAZY}`))).toHaveProperty([roomId])
    const eventId = await client.say(roomId, 'hello')
    await eventually('the message to arrive', async () =>
      joining.resident.received.some((pdu) => (pdu['content'] as Json)['body'] === 'hello'),
    )
    const said = room.make({
      type: 'm.room.message',
      sender: `@user3:${RESIDENT}`,
      content: { msgtype: 'm.text', body: 'welcome' },
    })
    await joining.send(room.add(said))
    await eventually('the answer to be seen', async () => {
      const path = `/_matrix/client/v3/rooms/${id(roomId)}/event/${id(said.eventId)}`
      return (await client.request('GET', path)).status === 200
    })
    const lazy = joinedRooms(await sync(client, `filter=${LAZY}`))[roomId] as Record<
      string,
      { events: Json[] }
    >
    expect(lazy['timeline']!.events.map((event) => event['event_id'])).toContain(said.eventId)
    expect(lazy['state']!.events.map((event) => event['state_key'])).toContain(`@user3:${RESIDENT}`)

    // Waits for nobody: the members are not told before this is answered.
    const tree = await client.request('GET', `/_matrix/client/v1/rooms/${id(roomId)}/hierarchy`)
    expect(tree).toMatchObject({ status: 200, body: { rooms: [{ room_id: roomId }] } })
    const members = membersOf(client, room)
    const asked = await joining.ask(
      `/_matrix/federation/v1/make_join/${id(roomId)}/${id(`@new:${RESIDENT}`)}?ver=${version}`,
    )
    expect(asked.status).toBe(404)
    release()
    expect(await members).toEqual(membersIn(room))
    const after = joinedRooms(await sync(client, `since=${before['next_batch']}`))[roomId] as Record<
      string,
      { events: Json[] }
    >
    const events = [...after['state']!.events, ...after['timeline']!.events]
    const told = events.filter((event) => event['type'] === 'm.room.member')
    expect(new Set(told.map((event) => event['state_key']))).toEqual(new Set(membersIn(room)))
    expect(after['timeline']!.events.map((event) => event['event_id'])).toEqual(
      expect.arrayContaining([eventId, said.eventId]),
    )
    const state = await joining.ask(
      `/_matrix/federation/v1/state_ids/${id(roomId)}?event_id=${id(said.eventId)}`,
    )
    const expected = [...room.state.values()].map((event) => event.eventId)
    expect(new Set(JSON.parse(state.text).pdu_ids)).toEqual(new Set(expected))
  })
})

describe('verdicts are revised when the members are known', () => {
  test('a change by somebody who had left is gone from the room, and a member it put out is back', async () => {
    const room = joining.room('10', 40)
    const [gone, bystander] = [`@user1:${RESIDENT}`, `@user2:${RESIDENT}`]
    const levels = { users: { [room.creator]: 100, [gone]: 100, [bystander]: 50 }, state_default: 50 }
    room.set('m.room.power_levels', '', levels)
    const at = (type: string, key = '') => room.state.get(stateTuple(type, key))!
    const stay = at('m.room.member', gone)
    room.add(
      room.make({ type: 'm.room.member', sender: gone, stateKey: gone, content: { membership: 'leave' } }),
    )
    const held = new Promise<void>((resolve) => (release = resolve))
    joining.resident.beforeStateIds = () => held
    const client = await newUser()
    await client.join(room.roomId, [RESIDENT])
    const rules = [at('m.room.create'), at('m.room.power_levels')]
    const kick = room.make({
      type: 'm.room.member',
      sender: gone,
      stateKey: bystander,
      content: { membership: 'leave' },
      authEvents: [...rules, stay, at('m.room.member', bystander)],
    })
    room.add(kick, false)
    const topic = room.make({
      type: 'm.room.topic',
      sender: bystander,
      stateKey: '',
      content: { topic: 'rightful' },
      prevEvents: [kick.eventId],
    })
    await joining.send(kick, room.add(topic))
    const seen = async (eventId: string) =>
      (await client.request('GET', `/_matrix/client/v3/rooms/${id(room.roomId)}/event/${id(eventId)}`)).status
    await eventually('the kick to be seen', async () => (await seen(kick.eventId)) === 200)
    expect(await seen(topic.eventId)).toBe(404)
    release()
    expect(await membersOf(client, room)).toEqual(membersIn(room))
    expect(await seen(kick.eventId)).toBe(404)
    expect(await seen(topic.eventId)).toBe(200)
    expect(await client.call('GET', `/rooms/${id(room.roomId)}/state/m.room.topic`)).toEqual({
      topic: 'rightful',
    })
    await client.say(room.roomId, 'still here')
  })
})

test('who was put out by somebody who had left may act by their own word where that stands against it', async () => {
  const room = joining.room('10', 45)
  const [gone, bystander] = [`@user1:${RESIDENT}`, `@user2:${RESIDENT}`]
  room.set('m.room.power_levels', '', { users: { [room.creator]: 100, [gone]: 100 }, state_default: 50 })
  const at = (type: string, key = '') => room.state.get(stateTuple(type, key))!
  const leave = (sender: string, stateKey: string, authEvents?: readonly RoomEvent[]) =>
    room.make({
      type: 'm.room.member',
      sender,
      stateKey,
      content: { membership: 'leave' },
      ...(authEvents && { authEvents }),
    })
  const stay = at('m.room.member', gone)
  room.add(leave(gone, gone))
  const held = new Promise<void>((resolve) => (release = resolve))
  joining.resident.beforeStateIds = () => held
  const client = await newUser()
  await client.join(room.roomId, [RESIDENT])
  // It does not name the stay that it ends, so that neither of the two follows the other.
  const kick = leave(gone, bystander, [at('m.room.create'), at('m.room.power_levels'), stay])
  room.add(kick, false)
  const said = room.make({
    type: 'm.room.message',
    sender: bystander,
    content: { msgtype: 'm.text', body: 'still here' },
    prevEvents: [kick.eventId],
  })
  room.add(said)
  const left = leave(bystander, bystander)
  await joining.send(kick, said, room.add(left))
  const seen = async ({ eventId }: RoomEvent) =>
    (await client.request('GET', `/_matrix/client/v3/rooms/${id(room.roomId)}/event/${id(eventId)}`)).status
  await eventually('the leave to be seen', async () => (await seen(left)) === 200)
  expect(await seen(said)).toBe(200)
  release()
  expect(await membersOf(client, room)).toEqual(membersIn(room))
  expect(membersIn(room)).not.toContain(bystander)
  expect(await seen(kick)).toBe(404)
  expect([await seen(said), await seen(left)]).toEqual([200, 200])
})

test('a kick, a ban and an invite of somebody of whom nothing is known yet wait for it', async () => {
  const room = joining.room('10', 50)
  const [kicked, banned, member] = [3, 4, 5].map((index) => `@user${index}:${RESIDENT}`)
  room.set('m.room.power_levels', '', {
    users: { [room.creator]: 100, [`@user${users + 1}:${HERE}`]: 100 },
    state_default: 50,
  })
  const held = new Promise<void>((resolve) => (release = resolve))
  joining.resident.beforeStateIds = () => held
  const client = await newUser()
  await client.join(room.roomId, [RESIDENT])
  const change = (action: string, userId: string | undefined) =>
    client.request('POST', `/_matrix/client/v3/rooms/${id(room.roomId)}/${action}`, { user_id: userId })
  const changes = [change('kick', kicked), change('ban', banned), change('invite', member)]
  const first = await Promise.race([...changes, new Promise((resolve) => setTimeout(resolve, 500, 'none'))])
  expect(first).toBe('none')
  release()
  // Who is in the room cannot be invited, which nobody could know before.
  expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([200, 200, 403])
  const left = new Set([kicked, banned])
  expect(await membersOf(client, room)).toEqual(membersIn(room).filter((userId) => !left.has(userId)))
})

test('the fetching of members survives SIGKILL, and what was said meanwhile with it', async () => {
  const { room, client } = await partialJoin('10', 300)
  await client.say(room.roomId, 'before the kill')
  await joining.region.kill9()
  release()
  await joining.region.start()
  await client.say(room.roomId, 'after the kill')
  await eventually(
    'all members',
    async () => (await membersOf(client, room)).length === membersIn(room).length,
  )
  const rooms = joinedRooms(await sync(client))
  const timeline = (rooms[room.roomId] as Record<string, { events: Json[] }>)['timeline']!.events
  const bodies = timeline.map((event) => (event['content'] as Json)['body']).filter(Boolean)
  expect(bodies).toEqual(['before the kill', 'after the kill'])
})

test('a server that tells no members is asked again; the user may leave meanwhile', async () => {
  const { room, client } = await partialJoin('10')
  joining.resident.beforeStateIds = async () => {
    throw new Error('out of order')
  }
  release()
  await client.call('POST', `/rooms/${id(room.roomId)}/leave`, {})
  const left = (await sync(client, `filter=${LAZY}`))['rooms'] as Json
  expect(left['join']).not.toHaveProperty([room.roomId])
})

test('a large room that is told whole is joined at once all the same', async () => {
  joining.resident.omitsMembers = false
  joining.resident.beforeStateIds = async () => undefined
  const room = joining.room('10', 2_100)
  const client = await newUser()
  await client.join(room.roomId, [RESIDENT])
  joining.resident.omitsMembers = true
  await client.say(room.roomId, 'hello')
  expect(await membersOf(client, room)).toHaveLength(membersIn(room).length)
})
