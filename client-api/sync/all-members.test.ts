import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let carol: TestClient
let roomId: string

interface MemberEvent {
  readonly type: string
  readonly state_key: string
  readonly content: { readonly displayname?: string }
  readonly unsigned?: { readonly redacted_because?: Json }
}

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  carol = await server.register('carol')
  roomId = await alice.createRoom({ preset: 'public_chat', name: 'Named' })
  await bob.join(roomId)
  await carol.join(roomId)
})
afterAll(() => server.close())

/** Of bob's initial sync, by user. */
async function members(key: 'state' | 'state_after'): Promise<Map<string, MemberEvent>> {
  const filter = '{"room":{"timeline":{"limit":1}}}'
  const answer = await bob.sync({ filter, ...(key === 'state_after' && { use_state_after: 'true' }) })
  const { join } = answer['rooms'] as { join: Record<string, Record<typeof key, { events: MemberEvent[] }>> }
  const events = join[roomId]![key].events.filter(({ type }) => type === 'm.room.member')
  const byUser = new Map(events.map((event) => [event.state_key, event]))
  expect(byUser.size).toBe(events.length)
  return byUser
}

const rename = (displayname: string): Promise<string> =>
  carol.setState(roomId, 'm.room.member', { membership: 'join', displayname }, carol.userId)

it('gives everybody, as they are at the timeline’s end or at its start', async () => {
  const everybody = [alice.userId, bob.userId, carol.userId].sort()
  await rename('Carol')
  await alice.say(roomId, 'one')
  for (const key of ['state', 'state_after'] as const) {
    expect([...(await members(key)).keys()].sort()).toEqual(everybody)
  }
  await rename('Carola 🐈')
  const [start, end] = [await members('state'), await members('state_after')]
  expect([...start.keys()].sort()).toEqual(everybody)
  expect([...end.keys()].sort()).toEqual(everybody)
  expect(start.get(carol.userId)?.content.displayname).toBe('Carol')
  expect(end.get(carol.userId)?.content.displayname).toBe('Carola 🐈')
})

it('leaves those out who come in the timeline', async () => {
  const dora = await server.register('dora')
  await dora.join(roomId)
  expect((await members('state')).has(dora.userId)).toBe(false)
  expect((await members('state_after')).has(dora.userId)).toBe(true)
})

it('shows redacted member events as such', async () => {
  const eventId = await rename('Rude')
  expect((await members('state_after')).get(carol.userId)?.content.displayname).toBe('Rude')
  await alice.call('PUT', `/rooms/${roomId}/redact/${eventId}/r1`, {})
  for (const key of ['state', 'state_after'] as const) {
    const member = (await members(key)).get(carol.userId)
    expect(member?.content).toEqual({ membership: 'join' })
    expect(member?.unsigned?.redacted_because).toMatchObject({ sender: alice.userId })
  }
})

it('streams what is large, all of it', async () => {
  const bodies = Array.from({ length: 40 }, (_, index) => `${index} ${'ä🐈'.repeat(3_000)}`)
  for (const body of bodies) await alice.say(roomId, body)
  const filter = encodeURIComponent('{"room":{"timeline":{"limit":40}}}')
  const answer = await bob.request('GET', `/_matrix/client/v3/sync?filter=${filter}`)
  expect(answer.headers.get('content-length')).toBeNull()
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  const { join } = answer.body['rooms'] as {
    join: Record<string, { timeline: { events: { content: { body: string } }[] } }>
  }
  expect(join[roomId]!.timeline.events.map(({ content }) => content.body)).toEqual(bodies)
})
