import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { TestBrowser } from '../oauth/test-browser.ts'

const CLIENT = 'https://client.example/'
const LOGIN = '/_matrix/client/v3/login'

let provider: Server
let issuer: string
let server: TestServer
let profile: string
let asked: URLSearchParams | undefined
beforeAll(async () => {
  provider = createServer((message, response) => {
    const url = new URL(message.url ?? '/', issuer)
    response.setHeader('content-type', 'application/json')
    if (url.pathname === '/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri')!)
      back.searchParams.set('code', 'the-code')
      back.searchParams.set('state', url.searchParams.get('state')!)
      response.writeHead(302, { location: back.href }).end()
    } else if (url.pathname === '/token') {
      void text(message).then((body) => {
        asked = new URLSearchParams(body)
        response.end(JSON.stringify({ access_token: 'for-the-profile', token_type: 'bearer' }))
      })
    } else {
      response.statusCode = message.headers.authorization === 'Bearer for-the-profile' ? 200 : 401
      response.end(profile)
    }
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/`
  server = await startTestServer(`
oidc_providers:
  - idp_id: hub
    idp_name: Hub
    discover: false
    issuer: ${issuer}
    client_id: meridian
    client_secret: secret
    client_auth_method: client_secret_post
    scopes: ['read:user']
    authorization_endpoint: ${issuer}authorize
    token_endpoint: ${issuer}token
    userinfo_endpoint: ${issuer}user
    pkce_method: always
    additional_authorization_parameters: { allow_signup: 'false' }
    user_mapping_provider: { config: { subject_claim: id, localpart_template: '{{ user.login }}' } }
`)
})
afterAll(async () => {
  await server.close()
  provider.closeAllConnections()
  provider.close()
})

test('a provider that speaks OAuth 2.0 alone tells who it is at its userinfo endpoint', async () => {
  profile = JSON.stringify({ id: 7, login: 'Octo Cat' })
  const browser = new TestBrowser(server.url, issuer)
  const page = await browser.open(`${server.url}${LOGIN}/sso/redirect/oidc-hub?redirectUrl=${CLIENT}`)
  expect(page.text).toContain('@octo=20cat:test.example')
  expect(asked?.get('client_secret')).toBe('secret')
  expect(asked?.get('code_verifier')).toMatch(/^[\w-]{43,}$/)
  expect(browser.visited.find((url) => url.includes('/authorize?'))).toContain('allow_signup=false')
})

test.each([
  ['is too large', () => JSON.stringify({ id: 7, login: 'x'.repeat(2 * 1024 * 1024) })],
  ['is no JSON', () => '<html>'],
  ['is null', () => 'null'],
  ['names nobody', () => '{}'],
])('an answer that %s lets nobody in', async (_, answer) => {
  profile = answer()
  const browser = new TestBrowser(server.url, issuer)
  const page = await browser.open(`${server.url}${LOGIN}/sso/redirect/oidc-hub?redirectUrl=${CLIENT}`)
  expect([page.status, page.text]).toEqual([403, expect.stringContaining('Hub d')])
})

test('a provider that is down is a page', async () => {
  const down = await startTestServer(`
oidc_providers:
  - { idp_id: down, idp_name: Down, issuer: 'http://127.0.0.1:1/', client_id: a, client_secret: b }
`)
  try {
    const answer = await fetch(`${down.url}${LOGIN}/sso/redirect/oidc-down?redirectUrl=${CLIENT}`)
    expect([answer.status, await answer.text()]).toEqual([
      502,
      expect.stringContaining('Down cannot be reached'),
    ])
  } finally {
    await down.close()
  }
})
