import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('rc_interactive_sessions: { per_second: 0.01, burst_count: 3 }\n')
})
afterAll(() => server.close())

const begin = (auth?: unknown) =>
  server.request('POST', '/_matrix/client/v3/register', {
    body: { username: 'eve', password: 'correct horse', ...(auth !== undefined && { auth }) },
  })
const stored = async () =>
  (await server.database.queries.selectFrom('uia_session').selectAll().execute()).length

test('what cannot be a registration is stored some times, and then waits', async () => {
  const wrong = { type: 'm.login.registration_token', token: 'guessed' }
  const answers = [await begin(), await begin(wrong), await begin({ session: 'unknown' }), await begin(wrong)]
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429])
  expect(answers[3]!.body).toMatchObject({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: expect.any(Number) })
  expect(await stored()).toBe(3)
  const again = await begin({ session: answers[0]!.body['session'], type: 'm.login.nonsense' })
  expect([again.status, await stored()]).toEqual([401, 3])
  const right = await begin({ type: 'm.login.dummy' })
  expect(right.status).toBe(200)
})
