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

interface Event {
  readonly event_id: string
  readonly content: Json
  readonly unsigned: Json
}
type Page = Json & { readonly chunk: readonly Event[]; readonly next_batch?: string }

const inRoom = (path: string): string => `/_matrix/client/v1/rooms/${encodeURIComponent(roomId)}/${path}`

async function page(client: TestClient, path: string, query: Record<string, string> = {}): Promise<Page> {
  const answer = await client.request('GET', inRoom(`${path}?${new URLSearchParams(query)}`))
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body as Page
}

/** Every page of an endpoint, as event ids. */
async function walk(client: TestClient, path: string, query: Record<string, string>): Promise<string[][]> {
  const pages: string[][] = []
  let from: string | undefined
  for (;;) {
    const read = await page(client, path, { ...query, ...(from !== undefined && { from }) })
    pages.push(read.chunk.map(({ event_id }) => event_id))
    if (read.next_batch === undefined) return pages
    from = read.next_batch
  }
}

const relate = (
  client: TestClient,
  relType: string,
  eventId: string,
  type = 'm.room.message',
): Promise<string> =>
  client.send(roomId, type, {
    msgtype: 'm.text',
    body: 'b',
    'm.relates_to': { rel_type: relType, event_id: eventId },
  })

const of = (eventId: string, ...rest: string[]): string =>
  ['relations', eventId, ...rest].map(encodeURIComponent).join('/')

describe('GET /relations', () => {
  it('pages through the children in both directions', async () => {
    const root = await alice.say(roomId, 'root')
    const children: string[] = []
    for (let index = 0; index < 7; index++) children.push(await relate(alice, 'm.thread', root))
    const [a, b, c, d, e, f, g] = children
    expect(await walk(bob, of(root), { limit: '3' })).toEqual([[g, f, e], [d, c, b], [a]])
    expect(await walk(bob, of(root), { limit: '3', dir: 'f' })).toEqual([[a, b, c], [d, e, f], [g]])
    expect(await walk(bob, of(root), { limit: '7' })).toEqual([children.toReversed()])
  })

  it('takes the tokens of other endpoints and ends at `to`', async () => {
    const root = await alice.say(roomId, 'root')
    await relate(alice, 'm.thread', root)
    const since = String((await alice.sync())['next_batch'])
    const later = [await relate(alice, 'm.thread', root), await relate(alice, 'm.thread', root)]
    expect(await walk(bob, of(root), { dir: 'f', from: since })).toEqual([later])
    expect(await walk(bob, of(root), { to: since, limit: '1' })).toEqual([[later[1]], [later[0]]])
  })

  it('chooses by the kind of relation and the type of event', async () => {
    const root = await alice.say(roomId, 'root')
    const answer = await relate(alice, 'm.thread', root)
    const dummy = await relate(alice, 'm.thread', root, 'm.dummy')
    const reference = await relate(alice, 'm.reference', root)
    const ids = async (...rest: string[]): Promise<unknown> => (await walk(bob, of(root, ...rest), {})).flat()
    expect(await ids()).toEqual([reference, dummy, answer])
    expect(await ids('m.thread')).toEqual([dummy, answer])
    expect(await ids('m.thread', 'm.room.message')).toEqual([answer])
    expect(await ids('m.thread', 'org.example.never')).toEqual([])
    expect(await ids('r'.repeat(300))).toEqual([])
  })

  it('follows relations of relations when asked to, three deep, through those that match only', async () => {
    const root = await alice.say(roomId, 'root')
    const first = await relate(alice, 'm.reference', root)
    const second = await relate(bob, 'm.reference', first)
    const other = await relate(bob, 'org.example.other', first)
    const third = await relate(alice, 'm.reference', second)
    await relate(alice, 'm.reference', third)
    expect(await page(bob, of(root))).not.toHaveProperty('recursion_depth')
    expect(await page(bob, of(root), { recurse: 'true' })).toMatchObject({ recursion_depth: 3 })
    expect(await walk(bob, of(root), { recurse: 'true', limit: '2' })).toEqual([
      [third, other],
      [second, first],
    ])
    expect(await walk(bob, of(root, 'm.reference'), { recurse: 'true' })).toEqual([[third, second, first]])
  })

  it('leaves out what is redacted and whom the user ignores, with children told inside', async () => {
    const carol = await server.register('carol')
    await carol.join(roomId)
    await carol.call('PUT', `/user/${carol.userId}/account_data/m.ignored_user_list`, {
      ignored_users: { [bob.userId]: {} },
    })
    const root = await alice.say(roomId, 'root')
    const kept = await relate(alice, 'm.reference', root)
    await relate(bob, 'm.reference', root)
    const gone = await relate(alice, 'm.reference', root)
    await alice.call('PUT', `/rooms/${encodeURIComponent(roomId)}/redact/${encodeURIComponent(gone)}/x`, {})
    const inner = await relate(alice, 'm.reference', kept)
    const { chunk } = await page(carol, of(root), { limit: '1' })
    expect(chunk).toMatchObject([
      { event_id: kept, unsigned: { 'm.relations': { 'm.reference': { chunk: [{ event_id: inner }] } } } },
    ])
  })

  it('refuses strangers, unknown events and bad parameters', async () => {
    const root = await alice.say(roomId, 'root')
    const stranger = await server.register('stranger')
    const ask = async (client: TestClient, path: string): Promise<unknown[]> => {
      const { status, body } = await client.request('GET', inRoom(path))
      return [status, body['errcode']]
    }
    expect(await ask(stranger, of(root))).toEqual([403, 'M_FORBIDDEN'])
    expect(await ask(alice, of('$unknown'))).toEqual([404, 'M_NOT_FOUND'])
    for (const query of ['dir=x', 'from=x', 'limit=x', 'recurse=x']) {
      expect(await ask(alice, `${of(root)}?${query}`)).toEqual([400, 'M_INVALID_PARAM'])
    }
    expect(await ask(alice, 'threads?include=none')).toEqual([400, 'M_INVALID_PARAM'])
  })
})

describe('GET /threads', () => {
  it('lists threads by what moved last, page by page, and those that the user takes part in', async () => {
    roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const roots: string[] = []
    for (let index = 0; index < 3; index++) {
      const root = await alice.say(roomId, `root ${index}`)
      await relate(alice, 'm.thread', root)
      roots.push(root)
    }
    const [first, second, third] = roots as [string, string, string]
    await alice.say(roomId, 'no thread')
    expect(await walk(bob, 'threads', {})).toEqual([[third, second, first]])
    const last = await relate(bob, 'm.thread', first)
    expect(await walk(bob, 'threads', { limit: '2' })).toEqual([[first, third], [second]])
    expect(await walk(bob, 'threads', { include: 'participated' })).toEqual([[first]])
    expect(await walk(alice, 'threads', { include: 'participated' })).toEqual([[first, third, second]])
    const [listed] = (await page(bob, 'threads')).chunk
    expect(listed).toMatchObject({
      unsigned: {
        'm.relations': {
          'm.thread': { latest_event: { event_id: last }, count: 2, current_user_participated: true },
        },
      },
    })
    await bob.call('PUT', `/rooms/${encodeURIComponent(roomId)}/redact/${encodeURIComponent(last)}/x`, {})
    expect(await walk(bob, 'threads', {})).toEqual([[third, second, first]])
  })

  it('redacts the roots of ignored users, and does not hear them', async () => {
    roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const carol = await server.register('carla')
    await carol.join(roomId)
    await carol.call('PUT', `/user/${carol.userId}/account_data/m.ignored_user_list`, {
      ignored_users: { [bob.userId]: {} },
    })
    const bobs = await bob.say(roomId, 'hidden')
    await relate(alice, 'm.thread', bobs)
    const alices = await alice.say(roomId, 'shown')
    await relate(alice, 'm.thread', alices)
    await relate(bob, 'm.thread', bobs)
    const deaf = await alice.say(roomId, 'nobody answers')
    await relate(bob, 'm.thread', deaf)
    const { chunk } = await page(carol, 'threads')
    expect(chunk.map(({ event_id }) => event_id)).toEqual([alices, bobs])
    expect(chunk[1]).toMatchObject({ content: {}, unsigned: { 'm.relations': { 'm.thread': { count: 1 } } } })
  })
})
