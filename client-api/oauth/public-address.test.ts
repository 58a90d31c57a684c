import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { metadataOf } from './oauth.fixture.ts'
import { PATHS } from './paths.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('public_baseurl: https://example.com/chat/\n')
})
afterAll(() => server.close())

test('everything is named by the public address, whatever host was asked', async () => {
  const metadata = await metadataOf(server)
  expect(metadata['issuer']).toBe('https://example.com/chat/')
  const urls = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name))
  expect(urls.length).toBeGreaterThan(5)
  for (const [, url] of urls) expect(url).toMatch(/^https:\/\/example\.com\/chat\/_matrix\/client\//)
})

test('cookies are for this host and https alone, and no script reads them', async () => {
  const response = await fetch(server.url + PATHS.signIn)
  const cookie = response.headers.get('set-cookie')
  expect(cookie).toMatch(/^__Host-meridian_browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  const plain = await fetch(server.url + PATHS.account, { redirect: 'manual' })
  const next = `continue=${encodeURIComponent(PATHS.account)}`
  expect(plain.headers.get('location')).toBe(`/chat${PATHS.signIn}?${next}`)
})

test('a public address without TLS has no OAuth, and no single sign-on beside it', async () => {
  const open = await startTestServer('public_baseurl: http://example.com/\n')
  try {
    const paths = ['v1/auth_metadata', 'v3/login/sso/redirect?redirectUrl=https://a.example']
    const answers = await Promise.all(paths.map((path) => fetch(`${open.url}/_matrix/client/${path}`)))
    expect(answers.map(({ status }) => status)).toEqual([404, 404])
    const { body } = await open.request('GET', '/_matrix/client/v3/login')
    expect(body['flows']).toEqual([{ type: 'm.login.password' }])
  } finally {
    await open.close()
  }
})
