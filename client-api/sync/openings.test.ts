import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

/** More members than are named as heroes. */
const CROWD = 8
/** Messages that are sent while others begin. */
const RACES = 60

let server: TestServer
let alice: TestClient
let bob: TestClient
let carol: TestClient
/** Who came last, and is no hero to anybody. */
let last: TestClient
let roomId: string

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  carol = await server.register('carol')
  roomId = await alice.createRoom({ preset: 'public_chat', name: 'Opened' })
  for (const client of [bob, carol]) await client.join(roomId)
  for (let index = 0; index < CROWD; index++) {
    last = await server.register(`crowd${index}`)
    await last.join(roomId)
  }
})
afterAll(() => server.close())

interface Room {
  readonly timeline: {
    readonly events: readonly Json[]
    readonly limited: boolean
    readonly prev_batch: string
  }
  readonly state: { readonly events: readonly Json[] }
  readonly state_after: { readonly events: readonly Json[] }
}

interface Asked {
  readonly limit: number
  readonly key?: 'state' | 'state_after'
}

async function begin(client: TestClient, { limit, key = 'state' }: Asked, isShared: boolean): Promise<Room> {
  // A filter that leaves nothing out and is not one of those that many ask with: its answer is built for it alone.
  const particular = isShared ? {} : { not_senders: ['@nobody:elsewhere.test'] }
  const filter = { room: { timeline: { limit, ...particular }, state: { lazy_load_members: true } } }
  const answer = await client.sync({
    filter: JSON.stringify(filter),
    use_state_after: String(key === 'state_after'),
  })
  return (answer['rooms'] as { join: Record<string, Room> }).join[roomId]!
}

/** The event without its age, and without those of the events in it. */
function ageless(event: Json): Json {
  expect((event['unsigned'] as Json)['age']).toBeTypeOf('number')
  return JSON.parse(JSON.stringify(event), (key, value: unknown) =>
    key === 'age' ? undefined : value,
  ) as Json
}

const idOf = (event: Json): string => String(event['event_id'])

/** Expects that a client is told the same of the room whether its text is shared or its own; gives its timeline. */
async function expectSame(client: TestClient, asked: Asked): Promise<readonly Json[]> {
  const { key = 'state' } = asked
  const own = await begin(client, asked, false)
  // The first may have built what the second is given.
  for (const shared of [await begin(client, asked, true), await begin(client, asked, true)]) {
    expect(shared.timeline.events.map(ageless)).toEqual(own.timeline.events.map(ageless))
    expect(shared.timeline.limited).toBe(own.timeline.limited)
    expect(shared.timeline.prev_batch.split('_')[0]).toBe(own.timeline.prev_batch.split('_')[0])
    const state = new Map(shared[key].events.map((event) => [idOf(event), ageless(event)]))
    expect(state.size).toBe(shared[key].events.length)
    for (const event of own[key].events) expect(state.get(idOf(event))).toEqual(ageless(event))
    // Members are the only ones that may be told without need, and one of them at most.
    const wanted = new Set(own[key].events.map(idOf))
    const further = shared[key].events.filter((event) => !wanted.has(idOf(event)))
    expect(further.length).toBeLessThanOrEqual(1)
    for (const event of further) expect(event['type']).toBe('m.room.member')
  }
  return own.timeline.events
}

async function expectSameForAll(clients: readonly TestClient[], limit = 12): Promise<void> {
  for (const client of clients) {
    for (const key of ['state', 'state_after'] as const) await expectSame(client, { limit, key })
  }
}

const everybody = (): TestClient[] => [alice, bob, carol]

describe('what many are told alike', () => {
  it('is the same as what each would be told alone', async () => {
    await alice.say(roomId, 'one')
    await bob.say(roomId, 'zwei 🐈')
    await expectSameForAll(everybody())
    await expectSameForAll(everybody(), 1)
  })

  it('is shared: it holds one hero more than anybody needs', async () => {
    const [own, shared] = [await begin(last, { limit: 1 }, false), await begin(last, { limit: 1 }, true)]
    expect(shared.state.events.length).toBe(own.state.events.length + 1)
  })

  it('holds each one’s own transaction ids', async () => {
    await bob.say(roomId, 'mine', 'my-transaction')
    const [mine] = (await expectSame(bob, { limit: 1 })).slice(-1)
    expect((mine!['unsigned'] as Json)['transaction_id']).toBe('my-transaction')
    const [others] = (await expectSame(carol, { limit: 1 })).slice(-1)
    expect((others!['unsigned'] as Json)['transaction_id']).toBeUndefined()
  })

  it('follows edits, threads, redactions and changed names', async () => {
    const said = await alice.say(roomId, 'frist')
    await expectSameForAll(everybody())
    await alice.send(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body: '* first',
      'm.new_content': { msgtype: 'm.text', body: 'first' },
      'm.relates_to': { rel_type: 'm.replace', event_id: said },
    })
    await expectSameForAll(everybody())
    const root = await bob.say(roomId, 'root')
    await carol.send(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body: 'in thread',
      'm.relates_to': { rel_type: 'm.thread', event_id: root },
    })
    await expectSameForAll(everybody())
    await alice.call('PUT', `/rooms/${roomId}/redact/${said}/r1`, {})
    await expectSameForAll(everybody())
    await alice.setState(
      roomId,
      'm.room.member',
      { membership: 'join', displayname: 'Alice 🐈' },
      alice.userId,
    )
    await alice.setState(roomId, 'm.room.name', { name: 'Renamed' })
    await expectSameForAll(everybody())
    await expectSameForAll(everybody(), 2)
  })

  it('is not what those are told who came late, or ignore somebody', async () => {
    await alice.say(roomId, 'before dora')
    const dora = await server.register('dora')
    await dora.join(roomId)
    await alice.say(roomId, 'after dora')
    await expectSameForAll([dora, bob])
    const path = `/user/${encodeURIComponent(bob.userId)}/account_data/m.ignored_user_list`
    await bob.call('PUT', path, { ignored_users: { [alice.userId]: {} } })
    const timeline = await expectSame(bob, { limit: 3 })
    expect(timeline.every(({ sender, state_key: key }) => sender !== alice.userId || key !== undefined)).toBe(
      true,
    )
    await expectSameForAll(everybody())
    await bob.call('PUT', path, { ignored_users: {} })
  })

  it('ends where the history was closed to those who were not there', async () => {
    await alice.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' })
    await alice.say(roomId, 'behind closed doors')
    const erin = await server.register('erin')
    await erin.join(roomId)
    const timeline = await expectSame(erin, { limit: 20 })
    expect(timeline.some(({ content }) => (content as Json)['body'] === 'behind closed doors')).toBe(false)
    await expectSameForAll(everybody(), 20)
  })

  it('never lacks what was acknowledged, nor tells what the next answer tells again', async () => {
    const open = await alice.createRoom({ preset: 'public_chat' })
    for (const client of [bob, carol, last]) await client.join(open)
    const filter = JSON.stringify({ room: { timeline: { limit: 100 }, state: { lazy_load_members: true } } })
    const bodiesOf = (answer: Json): string[] => {
      const room = (answer['rooms'] as { join?: Record<string, Room> }).join?.[open]
      const contents = (room?.timeline.events ?? []).map(({ content }) => content as Json)
      return contents.flatMap(({ body }) => (typeof body === 'string' ? [body] : []))
    }
    const acknowledged: string[] = []
    const talk = async (): Promise<void> => {
      for (let index = 0; index < RACES; index++) {
        await alice.say(open, `${index}`)
        acknowledged.push(`${index}`)
      }
    }
    const talking = talk()
    while (acknowledged.length < RACES) {
      const known = [...acknowledged]
      const begun = await Promise.all([bob, carol, last].map((client) => client.sync({ filter })))
      for (const answer of begun) {
        const first = bodiesOf(answer)
        expect(first.slice(0, known.length)).toEqual(known)
        const since = String(answer['next_batch'])
        const rest = bodiesOf(await bob.sync({ filter, since, timeout: '0' }))
        const all = [...first, ...rest]
        expect(all).toEqual(Array.from(all, (_, index) => `${index}`))
      }
    }
    await talking
  })
})
