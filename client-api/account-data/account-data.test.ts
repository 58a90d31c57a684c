import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountDataChanges, allAccountData } from '../../storage/accounts/account-data-reader.ts'
import { STREAM_START } from '../../storage/position/position.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let server: TestServer
let alice: { userId: string; token: string }
const ROOM = '!room:test.example'

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  await server.context.interner.roomNid(ROOM, '10')
})
afterAll(() => server.close())

const path = (type: string, room?: string, userId = alice.userId) =>
  `/_matrix/client/v3/user/${userId}${room ? `/rooms/${encodeURIComponent(room)}` : ''}/account_data/${type}`
const get = (at: string, token = alice.token) => server.request('GET', at, { token })
const put = (at: string, body: unknown, token = alice.token) => server.request('PUT', at, { token, body })

test('global and room data are apart, and the last one counts', async () => {
  expect((await get(path('test.key'))).body.errcode).toBe('M_NOT_FOUND')
  for (const value of ['first', 'nul\0', 'last']) {
    expect((await put(path('test.key'), { value })).body).toEqual({})
    expect((await put(path('test.key', ROOM), { room: value })).body).toEqual({})
    expect((await get(path('test.key'))).body).toEqual({ value })
    expect((await get(path('test.key', ROOM))).body).toEqual({ room: value })
  }
})

test('content keeps its numbers as they were written', async () => {
  const raw = '{"a":1.0,"b":9007199254740993,"__proto__":{"c":[]}}'
  await put(path('test.raw'), raw)
  const answer = await fetch(server.url + path('test.raw'), {
    headers: { authorization: `Bearer ${alice.token}` },
  })
  expect(await answer.text()).toBe(raw)
})

test.each([
  [() => path('test.key'), '[]', 400, 'M_BAD_JSON'],
  [() => path('test.key'), '{', 400, 'M_NOT_JSON'],
  [() => path('m.fully_read', ROOM), '{}', 405, 'M_BAD_JSON'],
  [() => path('m.push_rules'), '{}', 405, 'M_BAD_JSON'],
  [() => path('test.key', undefined, '@bob:test.example'), '{}', 403, 'M_FORBIDDEN'],
  [() => path('test.key', 'noroom'), '{}', 400, 'M_INVALID_PARAM'],
  [() => path('test.key', '!unknown:x'), '{}', 404, 'M_NOT_FOUND'],
  [() => path('nul%00'), '{}', 400, 'M_INVALID_PARAM'],
  [() => path('x'.repeat(256)), '{}', 400, 'M_INVALID_PARAM'],
  [() => path('test.key'), JSON.stringify({ x: 'x'.repeat(262_144) }), 413, 'M_TOO_LARGE'],
])('what is wrong is refused (%#)', async (at, body, status, errcode) => {
  const answer = await put(at(), body)
  expect([answer.status, answer.body.errcode]).toEqual([status, errcode])
})

test('changes and deletions are found by their positions', async () => {
  const { userId, token } = await server.register('streamer')
  const { queries, interner } = { queries: server.database.queries, interner: server.context.interner }
  const nid = await interner.userNid(userId)
  await Promise.all(['a', 'b', 'a'].map((type, n) => put(path(type, undefined, userId), { n }, token)))
  const head = server.context.committer.head
  expect((await allAccountData(queries, nid, head)).map(({ type }) => type).sort()).toEqual(['a', 'b'])
  const gone = `/_matrix/client/unstable/org.matrix.msc3391/user/${userId}/account_data/a`
  expect((await server.request('DELETE', gone, { token })).body).toEqual({})
  expect((await get(path('a', undefined, userId), token)).status).toBe(404)
  const after = server.context.committer.head
  expect(await accountDataChanges(queries, nid, head, after)).toMatchObject([{ type: 'a', content: null }])
  expect(await allAccountData(queries, nid, after)).toMatchObject([{ type: 'b' }])
  expect(await accountDataChanges(queries, nid, STREAM_START, head)).toMatchObject([{ type: 'b' }])
})

describe('push rules', () => {
  const RULES = '/_matrix/client/v3/pushrules/'

  test('start as the default ones and show the changes of their user', async () => {
    const { userId, token } = await server.register('pusher')
    const rule = `${RULES}global/room/!quiet:x`
    const all = (await get(RULES, token)).body.global
    expect(all).toMatchObject({
      override: expect.arrayContaining([expect.objectContaining({ rule_id: '.m.rule.master' })]),
    })
    expect((await get(`${RULES}global/`, token)).body).toEqual(all)
    expect((await get(rule, token)).body.errcode).toBe('M_NOT_FOUND')
    expect((await put(rule, { actions: [] }, token)).body).toEqual({})
    expect((await put(`${rule}/enabled`, { enabled: false }, token)).body).toEqual({})
    expect((await get(rule, token)).body).toMatchObject({ rule_id: '!quiet:x', enabled: false, actions: [] })
    expect((await get(`${rule}/enabled`, token)).body).toEqual({ enabled: false })
    expect((await get(path('m.push_rules', undefined, userId), token)).body).toMatchObject({
      global: { room: [{ rule_id: '!quiet:x' }] },
    })
    expect((await server.request('DELETE', rule, { token })).body).toEqual({})
    expect((await get(rule, token)).status).toBe(404)
  })

  test('changes at once are all kept', async () => {
    const { token } = await server.register('busy')
    const names = Array.from({ length: 8 }, (_, index) => `!r${index}:x`)
    await Promise.all(names.map((name) => put(`${RULES}global/room/${name}`, { actions: [] }, token)))
    const { room } = (await get(`${RULES}global/`, token)).body
    expect(room).toHaveLength(names.length)
  })

  test('a wrong kind and a wrong rule are refused', async () => {
    expect((await put(`${RULES}global/__proto__/x`, { actions: [] })).status).toBe(404)
    expect((await put(`${RULES}global/override/.m.rule.master`, { actions: [] })).status).toBe(400)
    expect((await put(`${RULES}global/override/mine`, { actions: 'x' })).status).toBe(400)
  })
})
