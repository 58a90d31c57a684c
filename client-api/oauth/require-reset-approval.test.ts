import { afterAll, beforeAll, expect, test } from 'vitest'
import { declareRoutes } from '../../homeserver/http/endpoint.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import { createListener, type Listener } from '../../homeserver/http/listener.ts'
import { clientEndpoints } from '../http/client-endpoints.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { metadataOf, signIn } from './oauth.fixture.ts'
import { requireResetApproval } from './require-reset-approval.ts'
import { TestBrowser } from './test-browser.ts'

let server: TestServer
let listener: Listener
beforeAll(async () => {
  server = await startTestServer()
  const { user } = clientEndpoints(server.accounts)
  const guarded = declareRoutes().post(
    '/guarded',
    user(
      async (request, session) => (await requireResetApproval(server.context, request, session)) ?? nothing(),
    ),
  )
  const quiet = () => {}
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  listener = await createListener([guarded], { port: 0, host: '127.0.0.1', log })
})
afterAll(async () => {
  await listener.close()
  await server.close()
})

test('a client is led to the page, and passes once its user has agreed there', async () => {
  const { token } = await server.register('alice')
  const ask = async () => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`http://127.0.0.1:${listener.port}/guarded`, { method: 'POST', headers })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const challenge = await ask()
  expect(challenge.status).toBe(401)
  expect(challenge.body['flows']).toContainEqual({ stages: ['m.oauth'] })
  const { url } = (challenge.body['params'] as Record<string, { url: string }>)['m.oauth']!
  const account = new URL((await metadataOf(server))['account_management_uri']!)
  expect(new URL(url).pathname).toBe(account.pathname)
  const browser = new TestBrowser(server.url)
  const page = await signIn(browser, await browser.open(account.href + new URL(url).search), 'alice')
  expect((await ask()).status).toBe(401)
  await browser.submit(page, '/reset-cross-signing', { password: 'correct horse' })
  expect([(await ask()).status, (await ask()).status]).toEqual([200, 401])
})
