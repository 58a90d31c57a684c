import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkPassword } from '../../homeserver/accounts/check-password.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let server: TestServer
const LENIENT = '{ per_second: 1000, burst_count: 1000 }'
beforeAll(async () => {
  const failures = '{ per_second: 0.01, burst_count: 2 }'
  const limits = `rc_login: { address: ${LENIENT}, account: ${LENIENT}, failed_attempts: ${failures} }\n`
  server = await startTestServer(limits, { lenient: false })
})
afterAll(() => server.close())

const logIn = (user: string, password: string) =>
  server.request('POST', '/_matrix/client/v3/login', { body: { type: 'm.login.password', user, password } })

test('after some wrong passwords even the right one has to wait, and says how long', async () => {
  await server.register('guessed')
  await server.register('other')
  const wrong = [await logIn('guessed', 'a'), await logIn('guessed', 'b')]
  expect(wrong.map(({ status }) => status)).toEqual([403, 403])
  const limited = await logIn('guessed', 'correct horse')
  expect([limited.status, limited.body.errcode]).toEqual([429, 'M_LIMIT_EXCEEDED'])
  expect(limited.body.retry_after_ms).toBeGreaterThan(0)
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await logIn('other', 'correct horse')).status).toBe(200)
})

test('as many wrong ones for a name that nobody has are limited alike', async () => {
  const answers = [await logIn('nobody', 'a'), await logIn('nobody', 'b'), await logIn('nobody', 'c')]
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 429])
})

test('the right one is not found by trying many at once', async () => {
  const { userId } = await server.register('rushed')
  const nid = await server.context.interner.userNid(userId)
  const guesses = ['a', 'b', 'c', 'd', 'correct horse']
  const results = await Promise.allSettled(
    guesses.map((guess) => checkPassword(server.accounts, nid, guess, userId)),
  )
  expect(results.map((result) => result.status === 'fulfilled' && result.value)).not.toContain(true)
})
