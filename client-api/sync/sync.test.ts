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

interface SyncRoom {
  readonly timeline: {
    readonly events: readonly SyncEvent[]
    readonly limited: boolean
    readonly prev_batch: string
  }
  readonly state?: { readonly events: readonly SyncEvent[] }
  readonly state_after?: { readonly events: readonly SyncEvent[] }
  readonly 'org.matrix.msc4222.state_after'?: { readonly events: readonly SyncEvent[] }
  readonly ephemeral: { readonly events: readonly SyncEvent[] }
  readonly account_data: { readonly events: readonly SyncEvent[] }
  readonly unread_notifications: { readonly notification_count: number; readonly highlight_count: number }
  readonly summary?: Json
}
interface SyncEvent {
  readonly event_id: string
  readonly type: string
  readonly state_key?: string
  readonly sender: string
  readonly content: Json
  readonly unsigned?: Json
}

function roomIn(answer: Json, roomId: string, section = 'join'): SyncRoom | undefined {
  const rooms = answer['rooms'] as Record<string, Record<string, SyncRoom>>
  return rooms[section]?.[roomId]
}

function bodies(room: SyncRoom | undefined): unknown[] {
  return (room?.timeline.events ?? [])
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => content['body'])
}

const token = (answer: Json): string => String(answer['next_batch'])

describe('initial sync', () => {
  it('shows a room once: state at the start of the timeline, and the timeline', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat', name: 'Garden' })
    for (let index = 0; index < 12; index++) await alice.say(roomId, `m${index}`)
    const room = roomIn(await alice.sync(), roomId)!
    expect(bodies(room)).toEqual(Array.from({ length: 10 }, (_, index) => `m${index + 2}`))
    expect(room.timeline.limited).toBe(true)
    const types = room.state!.events.map(({ type }) => type)
    expect(types).toContain('m.room.create')
    expect(types).toContain('m.room.name')
    expect(room.summary).toMatchObject({ 'm.joined_member_count': 1 })
    expect(room).not.toHaveProperty('state_after')
  })

  it('leaves out of the state what the timeline says', async () => {
    const roomId = await alice.createRoom()
    const room = roomIn(await alice.sync({ filter: '{"room":{"timeline":{"limit":50}}}' }), roomId)!
    expect(room.timeline.events[0]).toMatchObject({ type: 'm.room.create' })
    expect(room.state!.events).toEqual([])
    expect(room.timeline.limited).toBe(false)
  })

  it.each(['', 'org.matrix.msc4222.'])(
    'gives the state at the end under the key asked for (%s)',
    async (prefix) => {
      const roomId = await alice.createRoom({ name: 'Shed' })
      const room = roomIn(await alice.sync({ [`${prefix}use_state_after`]: 'true' }), roomId)!
      const after = prefix === '' ? room.state_after! : room['org.matrix.msc4222.state_after']!
      expect(after.events.map(({ type }) => type)).toContain('m.room.name')
      expect(room).not.toHaveProperty('state')
    },
  )
})

describe('incremental sync', () => {
  it('shows what is new, with the transaction id for the sender alone', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const before = { alice: token(await alice.sync()), bob: token(await bob.sync()) }
    const eventId = await alice.say(roomId, 'hello', 'txn-1')
    const seenByAlice = roomIn(await alice.sync({ since: before.alice }), roomId)!
    const seenByBob = roomIn(await bob.sync({ since: before.bob }), roomId)!
    expect(seenByAlice.timeline.events.map(({ event_id }) => event_id)).toEqual([eventId])
    expect(seenByAlice.timeline.limited).toBe(false)
    expect(seenByAlice.timeline.events[0]!.unsigned).toMatchObject({
      transaction_id: 'txn-1',
      membership: 'join',
    })
    expect(seenByBob.timeline.events[0]!.unsigned).not.toHaveProperty('transaction_id')
    expect(seenByBob.unread_notifications).toEqual({ notification_count: 1, highlight_count: 0 })
    expect(seenByAlice.unread_notifications).toEqual({ notification_count: 0, highlight_count: 0 })
  })

  it('waits for news and returns as soon as there is some', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const since = token(await bob.sync())
    const waiting = bob.sync({ since, timeout: '30000' })
    await alice.say(roomId, 'wake up')
    expect(bodies(roomIn(await waiting, roomId))).toEqual(['wake up'])
  })

  it('gives the same token when nothing happened', async () => {
    const since = token(await alice.sync())
    const answer = await alice.sync({ since, timeout: '30' })
    expect(token(answer)).toBe(since)
    expect(answer['rooms']).toEqual({ join: {}, leave: {} })
  })

  it('shows a room that was joined since in full', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat', name: 'Orchard' })
    await alice.say(roomId, 'before')
    const since = token(await bob.sync())
    await bob.join(roomId)
    const room = roomIn(await bob.sync({ since, filter: '{"room":{"timeline":{"limit":2}}}' }), roomId)!
    expect(room.timeline.events.at(-1)).toMatchObject({ type: 'm.room.member', state_key: bob.userId })
    expect(room.timeline.events[0]!.unsigned).toMatchObject({ membership: 'leave' })
    expect(room.state!.events.map(({ type }) => type)).toContain('m.room.name')
    expect(room.summary).toMatchObject({ 'm.heroes': [alice.userId], 'm.joined_member_count': 2 })
  })

  it('tells of the gap in a limited timeline', async () => {
    const roomId = await alice.createRoom({ name: 'Old' })
    const since = token(await alice.sync())
    await alice.setState(roomId, 'm.room.name', { name: 'New' })
    for (let index = 0; index < 4; index++) await alice.say(roomId, `g${index}`)
    const room = roomIn(await alice.sync({ since, filter: '{"room":{"timeline":{"limit":2}}}' }), roomId)!
    expect(bodies(room)).toEqual(['g2', 'g3'])
    expect(room.timeline.limited).toBe(true)
    expect(room.state!.events.map(({ content }) => content['name'])).toEqual(['New'])
  })

  it('says what a state event replaced', async () => {
    const roomId = await alice.createRoom({ name: 'One' })
    const since = token(await alice.sync())
    await alice.setState(roomId, 'm.room.name', { name: 'Two' })
    const [event] = roomIn(await alice.sync({ since }), roomId)!.timeline.events
    expect(event!.unsigned).toMatchObject({ prev_content: { name: 'One' } })
    expect(event!.unsigned).toHaveProperty('replaces_state')
  })

  it('serves redacted events without their content at once', async () => {
    const roomId = await alice.createRoom()
    const eventId = await alice.say(roomId, 'regret')
    await alice.call(
      'PUT',
      `/rooms/${encodeURIComponent(roomId)}/redact/${encodeURIComponent(eventId)}/r1`,
      {},
    )
    const room = roomIn(await alice.sync(), roomId)!
    const event = room.timeline.events.find(({ event_id }) => event_id === eventId)!
    expect(event.content).toEqual({})
    expect(event.unsigned).toMatchObject({ redacted_because: { type: 'm.room.redaction' } })
  })
})

describe('memberships', () => {
  it('shows invites with stripped state, and lets them go', async () => {
    const roomId = await alice.createRoom({ name: 'Party' })
    const since = token(await bob.sync())
    await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: bob.userId })
    const invited = await bob.sync({ since })
    const room = (
      invited['rooms'] as Record<string, Record<string, { invite_state: { events: SyncEvent[] } }>>
    )['invite']![roomId]!
    const types = room.invite_state.events.map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['m.room.create', 'm.room.name', 'm.room.member']))
    await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
    const left = roomIn(await bob.sync({ since: token(invited) }), roomId, 'leave')!
    expect(left.timeline.events.map(({ content }) => content['membership'])).toEqual(['leave'])
    expect(left.state!.events).toEqual([])
  })

  it('ends the timeline of a room at the leave', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const since = token(await bob.sync())
    await alice.say(roomId, 'while')
    await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
    await alice.say(roomId, 'after')
    const answer = await bob.sync({ since })
    expect(roomIn(answer, roomId)).toBeUndefined()
    expect(bodies(roomIn(answer, roomId, 'leave'))).toEqual(['while'])
    const archived = roomIn(await bob.sync({ filter: '{"room":{"include_leave":true}}' }), roomId, 'leave')!
    expect(bodies(archived)).toEqual(['while'])
    expect(roomIn(await bob.sync(), roomId, 'leave')).toBeUndefined()
  })

  it('hides what was said before a join where history is closed', async () => {
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
    })
    await alice.say(roomId, 'secret')
    await bob.join(roomId)
    await alice.say(roomId, 'open')
    expect(bodies(roomIn(await bob.sync(), roomId))).toEqual(['open'])
  })
})

describe('beside the history', () => {
  it('echoes account data to the device that set it', async () => {
    const since = token(await alice.sync())
    await alice.call('PUT', `/user/${encodeURIComponent(alice.userId)}/account_data/org.example`, { a: 1 })
    const answer = await alice.sync({ since })
    expect(answer['account_data']).toEqual({ events: [{ type: 'org.example', content: { a: 1 } }] })
  })

  it('passes on receipts, private ones to their owner alone, and counts with them', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const eventId = await alice.say(roomId, 'read me')
    const since = { alice: token(await alice.sync()), bob: token(await bob.sync()) }
    const path = `/rooms/${encodeURIComponent(roomId)}/receipt`
    await bob.call('POST', `${path}/m.read.private/${encodeURIComponent(eventId)}`, {})
    expect(roomIn(await alice.sync({ since: since.alice }), roomId)).toBeUndefined()
    const own = roomIn(await bob.sync({ since: since.bob }), roomId)!
    expect(own.ephemeral.events[0]!.content).toHaveProperty([eventId, 'm.read.private', bob.userId])
    expect(own.unread_notifications.notification_count).toBe(0)
    await bob.call('POST', `${path}/m.read/${encodeURIComponent(eventId)}`, {})
    const seen = roomIn(await alice.sync({ since: since.alice }), roomId)!
    expect(seen.ephemeral.events[0]!.content).toHaveProperty([eventId, 'm.read', bob.userId])
  })

  it('tells who is typing, also to those whose token is of another life of the server', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const since = token(await alice.sync())
    const waiting = alice.sync({ since, timeout: '30000' })
    await bob.call('PUT', `/rooms/${encodeURIComponent(roomId)}/typing/${encodeURIComponent(bob.userId)}`, {
      typing: true,
      timeout: 30_000,
    })
    const typing = { type: 'm.typing', content: { user_ids: [bob.userId] } }
    expect(roomIn(await waiting, roomId)!.ephemeral.events).toContainEqual(typing)
    const other = since.replace(/_.*$/, '_elsewhere.0')
    expect(roomIn(await alice.sync({ since: other }), roomId)!.ephemeral.events).toContainEqual(typing)
  })

  it.each(['', 'x', 's1', 'h5', 's-1_a.0', 's99999999_a.0', 's1_a.99999999999999999'])(
    'refuses the token %j',
    async (since) => {
      const { status, body } = await alice.request('GET', `/_matrix/client/v3/sync?since=${since}`)
      expect({ status, errcode: body['errcode'] }).toEqual({ status: 400, errcode: 'M_INVALID_PARAM' })
    },
  )
})
