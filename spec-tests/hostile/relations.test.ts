import { afterAll, beforeAll, expect, test } from 'vitest'
import { joinAsPeer, type PeerRoom } from '../../federation/test-support/peer-room.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { Json, TestClient } from '../support/test-client.ts'
import { hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'

let world: HostileWorld
let alice: TestClient
let roomId: string
let bob: PeerRoom
let carol: PeerRoom

beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  bob = await joinAsPeer(world.peer, roomId, 'bob')
  carol = await joinAsPeer(world.peer, roomId, 'carol')
  await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/ban`, { user_id: `@bob:${THERE}` })
})
afterAll(() => world.close())

const related = (relType: string, eventId: string, content: JsonObject = {}): JsonObject => ({
  body: 'b',
  ...content,
  'm.relates_to': { rel_type: relType, event_id: eventId },
})

async function arrive(...events: RoomEvent[]): Promise<void> {
  await world.peer.send({ pdus: events.map(({ pdu }) => pdu) })
}

async function bundle(eventId: string): Promise<Json | undefined> {
  const path = `/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(eventId)}`
  const { unsigned } = (await alice.call('GET', path)) as { unsigned: { 'm.relations'?: Json } }
  return unsigned['m.relations']
}

test('what the banned say in a thread does not count', async () => {
  const root = await alice.say(roomId, 'root')
  const event = bob.build({ content: related('m.thread', root), originServerTs: 1 })
  await arrive(event)
  expect(await bundle(root)).toBeUndefined()
  const path = `/_matrix/client/v1/rooms/${encodeURIComponent(roomId)}`
  const listed = await alice.request('GET', `${path}/relations/${encodeURIComponent(root)}`)
  expect(listed.body).toEqual({ chunk: [] })
  expect((await alice.request('GET', `${path}/threads`)).body).toEqual({ chunk: [] })
})

test('a child that comes before its parent is found', async () => {
  const parent = carol.build({ content: { body: 'first' } })
  const edit = carol.build({
    content: related('m.replace', parent.eventId, { 'm.new_content': { body: 'second' } }),
  })
  await arrive(edit)
  await arrive(parent)
  expect(await bundle(parent.eventId)).toMatchObject({ 'm.replace': { event_id: edit.eventId } })
})

test('what servers here refuse their own users is taken from others, and does no harm', async () => {
  const root = await alice.say(roomId, 'root')
  const reaction = related('m.annotation', root)
  const twice = [
    carol.build({ type: 'm.reaction', content: reaction, originServerTs: 1 }),
    carol.build({ type: 'm.reaction', content: reaction, originServerTs: 2 }),
  ]
  const thread = carol.build({ content: related('m.thread', root) })
  const inThread = carol.build({ content: related('m.thread', thread.eventId) })
  await arrive(...twice, thread, inThread)
  expect(await bundle(root)).toMatchObject({ 'm.thread': { count: 1 } })
  expect(JSON.stringify(await bundle(root))).not.toContain(inThread.eventId)
  expect(world.takeFailures()).toEqual([])
})

test('relations in forms that nobody foresaw relate to nothing', async () => {
  const root = await alice.say(roomId, 'root')
  const forms: JsonObject[] = [
    { 'm.relates_to': [] },
    { 'm.relates_to': { rel_type: 'r'.repeat(5_000), event_id: root } },
    { 'm.relates_to': { rel_type: 'm.thread', event_id: `$${'e'.repeat(5_000)}` } },
    { 'm.relates_to': { rel_type: { 'm.thread': true }, event_id: root } },
    { 'm.relates_to': { rel_type: 'm.annotation', event_id: root, key: ['👍'] } },
  ]
  const events = forms.map((content, index) => carol.build({ content, originServerTs: index + 1 }))
  await arrive(...events)
  expect(await bundle(root)).toBeUndefined()
  expect(world.takeFailures()).toEqual([])
})
