import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinAsPeer, type PeerRoom } from '../../federation/test-support/peer-room.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { TestClient } from '../support/test-client.ts'
import { hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'

const BOB = `@bob:${THERE}`
const CAROL = `@carol:${THERE}`

let world: HostileWorld
let alice: TestClient

beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
})
afterAll(() => world.close())

async function shows(roomId: string, { eventId }: RoomEvent): Promise<boolean> {
  const synced = JSON.stringify(await alice.sync({ full_state: 'true' }))
  const { chunk } = (await alice.call(
    'GET',
    `/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=100`,
  )) as { chunk: { event_id: string }[] }
  return synced.includes(eventId) || chunk.some(({ event_id }) => event_id === eventId)
}

async function topic(roomId: string): Promise<unknown> {
  const state = await alice.state(roomId)
  return state.find(({ type }) => type === 'm.room.topic')?.['content']
}

// State resolution of version 1 takes up what only one of two states has, which lets the topic through there.
describe.each(['2', '6', '11', '12'])('in a room of version %s', (version) => {
  let roomId: string
  let bob: PeerRoom
  let carol: PeerRoom

  beforeAll(async () => {
    roomId = await alice.createRoom({
      preset: 'public_chat',
      room_version: version,
      power_level_content_override: { events: { 'm.room.topic': 0 } },
    })
    bob = await joinAsPeer(world.peer, roomId, 'bob')
    carol = await joinAsPeer(world.peer, roomId, 'carol')
    await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/ban`, { user_id: BOB })
  })

  test('the banned cannot speak by pretending not to have heard of it', async () => {
    const event = bob.build({ content: { body: 'as if before the ban' }, originServerTs: 1 })
    await world.peer.send({ pdus: [event.pdu] })
    expect(await shows(roomId, event)).toBe(false)
    expect(world.takeFailures()).toEqual([])
  })

  test('nor change the state, also not through the event of somebody who follows theirs', async () => {
    const late = bob.build({ type: 'm.room.topic', stateKey: '', content: { topic: 'taken over' } })
    await world.peer.send({ pdus: [late.pdu] })
    const after = carol.build({ prevEvents: [carol.newest.eventId, late.eventId], depth: late.depth + 2 })
    expect(await world.peer.send({ pdus: [after.pdu] })).toEqual({ [after.eventId]: {} })
    expect(await shows(roomId, after)).toBe(true)
    expect(await shows(roomId, late)).toBe(false)
    expect(await topic(roomId)).toBeUndefined()
    expect(world.takeFailures()).toEqual([])
  })

  test('an event that the rules refuse stays out, whoever follows it', async () => {
    const levels = { users: { [CAROL]: 100 } }
    const refused = carol.build({ type: 'm.room.power_levels', stateKey: '', content: levels })
    const after = carol.build({ prevEvents: [refused.eventId], depth: refused.depth + 1 })
    const results = await world.peer.send({ pdus: [refused.pdu, after.pdu] })
    expect(results).toEqual({ [refused.eventId]: { error: expect.any(String) }, [after.eventId]: {} })
    expect(await shows(roomId, refused)).toBe(false)
    expect(JSON.stringify(await alice.state(roomId))).not.toContain(refused.eventId)
    expect(world.takeFailures()).toEqual([])
  })

  test('a hundred forks become one end again', async () => {
    const forks = Array.from({ length: 100 }, (_, n) => carol.build({ content: { body: `fork ${n}` } }))
    await world.peer.send({ pdus: forks.slice(0, 50).map(({ pdu }) => pdu) })
    await world.peer.send({ pdus: forks.slice(50).map(({ pdu }) => pdu) })
    expect(await shows(roomId, forks[99]!)).toBe(true)
    for (let n = 0; n < 10; n++) await alice.say(roomId, `knot ${n}`)
    const { n } = await world.database.queries
      .selectFrom('forward_extremity')
      .innerJoin('room', 'room.room_nid', 'forward_extremity.room_nid')
      .where('room.room_id', '=', roomId)
      .select((build) => build.fn.countAll<string>().as('n'))
      .executeTakeFirstOrThrow()
    expect(Number(n)).toBe(1)
    expect(world.takeFailures()).toEqual([])
  })
})
