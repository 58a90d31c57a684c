import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { API, begin, CALLBACK, configurationOf, deviceScope, registered, signIn } from './oauth.fixture.ts'
import { PATHS } from './paths.ts'
import { formOf, TestBrowser } from './test-browser.ts'

/** What fields are called here; each meets every value. */
const NAMES = [
  ...[
    'grant_type',
    'client_id',
    'code',
    'code_verifier',
    'redirect_uri',
    'refresh_token',
    'device_code',
    'scope',
  ],
  ...[
    'token',
    'user',
    'password',
    'repeated',
    'continue',
    'request',
    'decision',
    'user_id',
    'user_code',
    'step',
  ],
  ...['device_id', 'name', 'displayname', 'new_password', 'redirectUrl', 'idp', 'session', 'erase'],
]
const RUNS = 60

let server: TestServer
let values: fc.Arbitrary<string>
let csrf: string
let cookie: string
beforeAll(async () => {
  server = await startTestServer()
  await server.register('alice')
  const clientId = await registered(server)
  const { url } = await begin(await configurationOf(server, clientId), 'DEVICE1234')
  const browser = new TestBrowser(server.url)
  const consent = await signIn(browser, await browser.open(url.href), 'alice')
  csrf = formOf(consent, '/authorize').hidden['csrf']!
  cookie = browser.cookieHeader(server.url)
  values = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      ...['', '\0', 'a\0b', '\ud800', '%', '%00', '<script>', '"\'&', 'x'.repeat(5_000), '__proto__', '-1'],
      ...[clientId, CALLBACK, url.search.slice(1), API, deviceScope('D'), '@alice:test.example', 'alice'],
      ...[
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:device_code',
        'allow',
        'yes',
      ],
      ...['BCDF-GHJK', 'correct horse', 'https://a.example/', 'javascript:x', '//evil.example', '/\\evil'],
    ),
  )
})
afterAll(() => server.close())

test.each(Object.values(PATHS).filter((path) => path !== PATHS.register))(
  'no form breaks %s',
  async (path) => {
    const forms = fc.dictionary(fc.constantFrom(...NAMES), values, { maxKeys: 6, noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(forms, fc.boolean(), async (form, isOurs) => {
        const body = new URLSearchParams({ ...form, ...(isOurs && { csrf }) })
        const headers = { ...(isOurs && { cookie }) }
        const answers = [
          await fetch(server.url + path, { method: 'POST', body, headers, redirect: 'manual' }),
          await fetch(`${server.url}${path}?${body}`, { headers, redirect: 'manual' }),
        ]
        for (const answer of answers) {
          const text = await answer.text()
          expect([answer.status < 500, text.includes('<script>')]).toEqual([true, false])
          const { hostname } = new URL(answer.headers.get('location') ?? server.url, server.url)
          expect(['127.0.0.1', 'a.example']).toContain(hostname)
        }
      }),
      { numRuns: RUNS },
    )
  },
  120_000,
)
