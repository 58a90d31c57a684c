import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let server: TestServer
const told: string[] = []
beforeAll(async () => {
  server = await startTestServer()
  server.accounts.listeners.push({
    async profileChanged(user, field) {
      told.push(`${user.userId} ${field}`)
    },
  })
})
afterAll(() => server.close())

const profile = (userId: string, key?: string) =>
  `/_matrix/client/v3/profile/${encodeURIComponent(userId)}${key === undefined ? '' : `/${key}`}`

async function set(user: { userId: string; token: string }, key: string, body: unknown) {
  return server.request('PUT', profile(user.userId, key), { token: user.token, body })
}

test('fields are set, read by anybody, and removed', async () => {
  const alice = await server.register('alice')
  expect((await server.request('GET', profile(alice.userId))).body).toEqual({})
  const values = {
    displayname: 'Alice \0 🦊',
    avatar_url: 'mxc://test.example/abc',
    'm.tz': 'Europe/Berlin',
    'org.example.pronouns': [{ __proto__: null, language: 'en', value: 1 }],
  }
  for (const [key, value] of Object.entries(values)) {
    expect((await set(alice, key, { [key]: value })).body).toEqual({})
    expect((await server.request('GET', profile(alice.userId, key))).body).toEqual({ [key]: value })
  }
  expect((await server.request('GET', profile(alice.userId))).body).toEqual(values)
  expect(told).toContain('@alice:test.example displayname')
  await server.request('DELETE', profile(alice.userId, 'm.tz'), { token: alice.token })
  await set(alice, 'displayname', { displayname: '' })
  for (const key of ['m.tz', 'displayname']) {
    const { status, body } = await server.request('GET', profile(alice.userId, key))
    expect([status, body.errcode]).toEqual([404, 'M_NOT_FOUND'])
  }
})

test('a value keeps its numbers as they were written', async () => {
  const bob = await server.register('bob')
  const raw = '{"org.example.n":{"a":1.0,"b":9007199254740993,"__proto__":2}}'
  expect((await set(bob, 'org.example.n', raw)).status).toBe(200)
  const text = await (await fetch(server.url + profile(bob.userId, 'org.example.n'))).text()
  expect(text).toBe(raw)
})

test.each([
  ['displayname', {}, 'M_MISSING_PARAM'],
  ['displayname', { displayname: 1 }, 'M_BAD_JSON'],
  ['avatar_url', { avatar_url: {} }, 'M_BAD_JSON'],
  ['displayname', { displayname: 'x'.repeat(257) }, 'M_TOO_LARGE'],
  ['displayname', [], 'M_BAD_JSON'],
  ['Wrong', { Wrong: 1 }, 'M_INVALID_PARAM'],
  ['__proto__', { x: 1 }, 'M_INVALID_PARAM'],
  [`org.${'x'.repeat(252)}`, {}, 'M_KEY_TOO_LARGE'],
  ['org.example.big', { 'org.example.big': 'x'.repeat(65_536) }, 'M_PROFILE_TOO_LARGE'],
])('%s with a wrong value is refused', async (key, body, errcode) => {
  const user = await server.register(`u${Math.random().toString(36).slice(2)}`)
  const answer = await set(user, key, body)
  expect([answer.status, answer.body.errcode]).toEqual([400, errcode])
})

test('writers at once cannot pass the limit together', async () => {
  const user = await server.register('racer')
  const keys = ['org.a.a', 'org.a.b', 'org.a.c', 'org.a.d']
  const answers = await Promise.all(keys.map((key) => set(user, key, { [key]: 'x'.repeat(30_000) })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
})

test("others' profiles are read only, and unknown users have none", async () => {
  const carol = await server.register('carol')
  const dave = await server.register('dave')
  const answer = await set({ ...carol, token: dave.token }, 'displayname', { displayname: 'x' })
  expect([answer.status, answer.body.errcode]).toEqual([403, 'M_FORBIDDEN'])
  expect((await set({ ...carol, token: '' }, 'displayname', { displayname: 'x' })).status).toBe(401)
  expect((await server.request('GET', profile('@nobody:test.example'))).status).toBe(404)
  expect((await server.request('GET', profile('nobody'))).status).toBe(400)
  expect((await server.request('GET', profile('@x:elsewhere.example'))).status).toBe(404)
})
