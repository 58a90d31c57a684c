import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
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

interface Event {
  readonly event_id: string
  readonly type: string
  readonly room_id: string
  readonly state_key?: string
  readonly content: Json
  readonly unsigned: Json
}
type Page = Json & {
  readonly start: string
  readonly end?: string
  readonly chunk: readonly Event[]
  readonly state?: readonly Event[]
}

const inRoom = (roomId: string, path: string): string =>
  `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/${path}`

async function page(client: TestClient, roomId: string, query: Record<string, string>): Promise<Page> {
  const answer = await client.request('GET', inRoom(roomId, `messages?${new URLSearchParams(query)}`))
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body as Page
}

const bodies = (events: readonly Event[]): unknown[] =>
  events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content['body'])

describe('GET /messages', () => {
  it('pages through all of a room in both directions, each event once', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    for (let index = 0; index < 7; index++) await alice.say(roomId, `m${index}`)
    const walk = async (dir: string): Promise<Event[]> => {
      const events: Event[] = []
      let from: string | undefined
      for (;;) {
        const read = await page(alice, roomId, { dir, limit: '3', ...(from !== undefined && { from }) })
        events.push(...read.chunk)
        if (read.end === undefined) return events
        from = read.end
      }
    }
    const backwards = await walk('b')
    const forwards = await walk('f')
    expect(backwards.toReversed()).toMatchObject(forwards.map(({ event_id }) => ({ event_id })))
    expect(bodies(forwards)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'])
    expect(forwards[0]).toMatchObject({ type: 'm.room.create', room_id: roomId })
  })

  it('goes on where a sync began or ended', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    for (let index = 0; index < 6; index++) await alice.say(roomId, `s${index}`)
    const answer = await alice.sync({ filter: '{"room":{"timeline":{"limit":2}}}' })
    const rooms = answer['rooms'] as { join: Record<string, { timeline: { prev_batch: string } }> }
    const before = rooms.join[roomId]!.timeline.prev_batch
    expect(bodies((await page(alice, roomId, { dir: 'b', from: before, limit: '2' })).chunk)).toEqual([
      's3',
      's2',
    ])
    await alice.say(roomId, 'later')
    const since = String(answer['next_batch'])
    expect(bodies((await page(alice, roomId, { dir: 'f', from: since })).chunk)).toEqual(['later'])
    const between = await page(alice, roomId, { dir: 'b', from: since, to: before, limit: '50' })
    expect(bodies(between.chunk)).toEqual(['s5', 's4'])
  })

  it('does not end a page early because a filter left events out', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await alice.say(roomId, 'needle')
    for (let index = 0; index < 40; index++) await alice.send(roomId, 'org.example.hay', {})
    const read = await page(alice, roomId, { dir: 'b', limit: '1', filter: '{"types":["m.room.mess*"]}' })
    expect(bodies(read.chunk)).toEqual(['needle'])
  })

  it.each([
    [{ rel_types: ['m.thread'] }, ['threaded']],
    [{ rel_types: ['m.thread', 'm.reference'] }, ['threaded', 'referring']],
    [{ rel_types: [] }, []],
    [{ not_rel_types: ['m.thread'] }, ['alone', 'referring']],
    [{ rel_types: ['m.thread'], not_rel_types: ['m.thread'] }, []],
  ])('shows events by their relations: %j', async (wish, shown) => {
    const roomId = await alice.createRoom()
    const root = await alice.say(roomId, 'alone')
    for (const [rel_type, body] of [['m.thread', 'threaded'], ['m.reference', 'referring']]) {
      const relation = { rel_type, event_id: root }
      await alice.send(roomId, 'm.room.message', { msgtype: 'm.text', body, 'm.relates_to': relation })
    } // prettier-ignore
    const fields = Object.entries(wish).map(([key, value]) => [`org.matrix.msc3874.${key}`, value] as const)
    const filter = JSON.stringify(Object.fromEntries(fields))
    expect(bodies((await page(alice, roomId, { dir: 'f', filter, limit: '50' })).chunk)).toEqual(shown)
  })

  it('gives the members behind a page to lazy clients', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    await alice.say(roomId, 'hi')
    const read = await page(bob, roomId, { dir: 'b', limit: '1', filter: '{"lazy_load_members":true}' })
    expect(read.state!.map(({ state_key }) => state_key)).toEqual([alice.userId])
  })

  it('shows those who left what they could see, and nothing later; strangers nothing', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await alice.say(roomId, 'before')
    await bob.join(roomId)
    await alice.say(roomId, 'during')
    await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
    await alice.say(roomId, 'after')
    expect(bodies((await page(bob, roomId, { dir: 'b', limit: '50' })).chunk)).toEqual(['during', 'before'])
    expect(bodies((await page(bob, roomId, { dir: 'f', limit: '50' })).chunk)).toEqual(['before', 'during'])
    const carol = await server.register(`carol${Math.random().toString(36).slice(2)}`)
    expect((await carol.request('GET', inRoom(roomId, 'messages?dir=b'))).status).toBe(403)
    expect((await carol.request('GET', inRoom(roomId, 'messages'))).status).toBe(403)
    await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/forget`, {})
    expect((await bob.request('GET', inRoom(roomId, 'messages?dir=b'))).status).toBe(403)
  })

  it('lets anybody look into a world-readable room', async () => {
    const roomId = await alice.createRoom({
      initial_state: [
        { type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } },
      ],
    })
    await alice.say(roomId, 'public')
    expect(bodies((await page(bob, roomId, { dir: 'b' })).chunk)).toEqual(['public'])
  })

  it.each(['dir=x', '', 'dir=b&from=t1-2', 'dir=b&limit=-1', 'dir=b&from=h9e9'])(
    'refuses %j',
    async (query) => {
      const roomId = await alice.createRoom()
      expect((await alice.request('GET', inRoom(roomId, `messages?${query}`))).status).toBe(400)
    },
  )
})

describe('GET /context and /event', () => {
  it('shows what stands around an event, and tokens to go on from', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    const ids: string[] = []
    for (let index = 0; index < 7; index++) ids.push(await alice.say(roomId, `c${index}`))
    const { status, body } = await alice.request(
      'GET',
      inRoom(roomId, `context/${encodeURIComponent(ids[3]!)}?limit=4`),
    )
    expect(status).toBe(200)
    expect(body['event']).toMatchObject({ event_id: ids[3], room_id: roomId })
    expect(bodies(body['events_before'] as Event[])).toEqual(['c2', 'c1'])
    expect(bodies(body['events_after'] as Event[])).toEqual(['c4', 'c5'])
    expect((body['state'] as Event[]).map(({ type }) => type)).toContain('m.room.create')
    const older = await page(alice, roomId, { dir: 'b', from: String(body['start']), limit: '1' })
    const newer = await page(alice, roomId, { dir: 'f', from: String(body['end']) })
    expect([...bodies(older.chunk), ...bodies(newer.chunk)]).toEqual(['c0', 'c6'])
  })

  it('keeps an event from those who may not see it', async () => {
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
    })
    const eventId = encodeURIComponent(await alice.say(roomId, 'hidden'))
    await bob.join(roomId)
    expect((await alice.request('GET', inRoom(roomId, `event/${eventId}`))).body['content']).toMatchObject({
      body: 'hidden',
    })
    expect((await bob.request('GET', inRoom(roomId, `event/${eventId}`))).status).toBe(404)
    expect((await bob.request('GET', inRoom(roomId, `context/${eventId}`))).status).toBe(404)
    const other = await alice.createRoom()
    expect((await alice.request('GET', inRoom(other, `event/${eventId}`))).status).toBe(404)
  })

  it('says what the membership was at the event, with the own join counted in', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await alice.say(roomId, 'before')
    await bob.join(roomId)
    await alice.say(roomId, 'after')
    const { chunk } = await page(bob, roomId, { dir: 'f', limit: '50' })
    const join = chunk.findIndex(({ state_key }) => state_key === bob.userId)
    expect(join).toBeGreaterThan(0)
    expect(chunk.map(({ unsigned }) => unsigned['membership'])).toEqual(
      chunk.map((_, index) => (index < join ? 'leave' : 'join')),
    )
  })
})
