import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let roomId: string

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
})
afterAll(() => server.close())

const inRoom = (path: string): string => `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/${path}`

interface Event {
  readonly event_id: string
  readonly content: Json
  readonly unsigned: { readonly 'm.relations'?: Record<string, Json> }
}

async function event(client: TestClient, eventId: string): Promise<Event> {
  const answer = await client.request('GET', inRoom(`event/${encodeURIComponent(eventId)}`))
  expect(answer.status).toBe(200)
  return answer.body as Json & Event
}

const relations = async (client: TestClient, eventId: string): Promise<Record<string, Json>> =>
  (await event(client, eventId)).unsigned['m.relations'] ?? {}

const relate = (client: TestClient, relType: string, eventId: string, content: Json = {}): Promise<string> =>
  client.send(roomId, 'm.room.message', {
    msgtype: 'm.text',
    body: '*',
    ...content,
    'm.relates_to': { rel_type: relType, event_id: eventId },
  })

const edit = (client: TestClient, eventId: string, body: string): Promise<string> =>
  relate(client, 'm.replace', eventId, { 'm.new_content': { msgtype: 'm.text', body } })

const redact = (client: TestClient, eventId: string): Promise<Json> =>
  client.call(
    'PUT',
    `/rooms/${encodeURIComponent(roomId)}/redact/${encodeURIComponent(eventId)}/r${Math.random()}`,
    {},
  )

describe('bundled edits', () => {
  it('give the newest valid one, whole, until it is redacted', async () => {
    const original = await alice.say(roomId, 'one')
    expect(await relations(bob, original)).toEqual({})
    const first = await edit(alice, original, 'two')
    const second = await edit(alice, original, 'three')
    expect((await relations(bob, original))['m.replace']).toMatchObject({
      event_id: second,
      room_id: roomId,
      sender: alice.userId,
      content: { 'm.new_content': { body: 'three' } },
    })
    expect((await event(bob, original)).content).toMatchObject({ body: 'one' })
    await redact(alice, second)
    expect((await relations(bob, original))['m.replace']).toMatchObject({ event_id: first })
    await redact(alice, original)
    expect(await relations(bob, original)).toEqual({})
  })

  it('leave out those of others, of another type, without new content and of edits', async () => {
    const original = await alice.say(roomId, 'mine')
    await edit(bob, original, 'stolen')
    await relate(alice, 'm.replace', original)
    await alice.send(roomId, 'm.other', {
      'm.new_content': {},
      'm.relates_to': { rel_type: 'm.replace', event_id: original },
    })
    expect(await relations(bob, original)).toEqual({})
    const good = await edit(alice, original, 'better')
    await edit(alice, good, 'best')
    expect(await relations(bob, good)).toEqual({})
    expect((await relations(bob, original))['m.replace']).toMatchObject({ event_id: good })
  })

  it('are not made for state', async () => {
    const topic = await alice.setState(roomId, 'm.room.topic', { topic: 't' })
    await relate(alice, 'm.reference', topic)
    expect(await relations(alice, topic)).toEqual({})
  })
})

describe('bundled references', () => {
  it('list the events, without redacted ones', async () => {
    const original = await alice.say(roomId, 'poll')
    const votes = [await relate(bob, 'm.reference', original), await relate(alice, 'm.reference', original)]
    const chunk = async (): Promise<unknown> => (await relations(bob, original))['m.reference']
    expect(await chunk()).toEqual({ chunk: votes.map((event_id) => ({ event_id })) })
    await redact(bob, votes[0]!)
    expect(await chunk()).toEqual({ chunk: [{ event_id: votes[1] }] })
  })
})

describe('bundled threads', () => {
  it('tell the newest event with its own children, the number and who takes part', async () => {
    const root = await alice.say(roomId, 'root')
    const first = await relate(alice, 'm.thread', root)
    expect((await relations(bob, root))['m.thread']).toMatchObject({
      latest_event: { event_id: first },
      count: 1,
      current_user_participated: false,
    })
    const second = await relate(bob, 'm.thread', root)
    const edited = await edit(bob, second, 'edited')
    expect((await relations(bob, root))['m.thread']).toMatchObject({
      latest_event: {
        event_id: second,
        room_id: roomId,
        unsigned: { 'm.relations': { 'm.replace': { event_id: edited } } },
      },
      count: 2,
      current_user_participated: true,
    })
    await redact(bob, second)
    expect((await relations(bob, root))['m.thread']).toMatchObject({
      latest_event: { event_id: first },
      count: 1,
      current_user_participated: false,
    })
    await redact(alice, root)
    expect((await relations(alice, root))['m.thread']).toMatchObject({ count: 1 })
  })

  it('leave out whom the user ignores', async () => {
    const carol = await server.register('carol')
    await carol.join(roomId)
    const root = await alice.say(roomId, 'root')
    const first = await relate(alice, 'm.thread', root)
    const second = await relate(bob, 'm.thread', root)
    await carol.call('PUT', `/user/${carol.userId}/account_data/m.ignored_user_list`, {
      ignored_users: { [bob.userId]: {} },
    })
    expect((await relations(carol, root))['m.thread']).toMatchObject({
      latest_event: { event_id: first },
      count: 1,
    })
    expect((await relations(alice, root))['m.thread']).toMatchObject({
      latest_event: { event_id: second },
      count: 2,
    })
  })

  it('stand in pages, contexts and syncs', async () => {
    const root = await alice.say(roomId, 'everywhere')
    await relate(alice, 'm.thread', root)
    const page = await bob.request('GET', inRoom('messages?dir=b&limit=2'))
    const around = await bob.request('GET', inRoom(`context/${encodeURIComponent(root)}?limit=0`))
    const sync = await bob.sync({ filter: '{"room":{"timeline":{"limit":2}}}' })
    const rooms = sync['rooms'] as { join: Record<string, { timeline: { events: Event[] } }> }
    const told = [
      (page.body['chunk'] as Event[]).find(({ event_id }) => event_id === root),
      around.body['event'],
      rooms.join[roomId]!.timeline.events.find(({ event_id }) => event_id === root),
    ]
    for (const one of told)
      expect(one).toMatchObject({ unsigned: { 'm.relations': { 'm.thread': { count: 1 } } } })
  })
})

describe('what a user may not see', () => {
  it('is in no bundle', async () => {
    const dave = await server.register('dave')
    await dave.join(roomId)
    const original = await alice.say(roomId, 'before')
    const root = await alice.say(roomId, 'root')
    const seen = await relate(alice, 'm.thread', root)
    await alice.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' })
    await dave.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
    await edit(alice, original, 'secret')
    await relate(bob, 'm.thread', root, { body: 'secret' })
    expect(await relations(dave, original)).toEqual({})
    expect((await relations(dave, root))['m.thread']).toMatchObject({ latest_event: { event_id: seen } })
  })
})
