import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountOfIdentity } from '../../homeserver/sso/account-of-identity.ts'
import { updateAccount } from '../../storage/accounts/account-writer.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { TestBrowser, type TestPage } from '../oauth/test-browser.ts'
import { startTestProvider, type TestProvider } from './test-provider.ts'

const CLIENT = 'https://client.example/app?a=b'
const LOGIN = '/_matrix/client/v3/login'

let provider: TestProvider
let server: TestServer
let browser: TestBrowser
beforeAll(async () => {
  provider = await startTestProvider(() => [`${server.url}/_synapse/client/oidc/callback`])
  const entry = (id: string, mapping: string, more = '') => `
  - idp_id: ${id}
    idp_name: Example ${id}
    issuer: ${provider.issuer}
    client_id: ${provider.clientId}
    client_secret: '${provider.clientSecret}'
    user_mapping_provider: { config: { ${mapping} } }
    ${more}`
  const named =
    "localpart_template: '{{ user.preferred_username }}', display_name_template: '{{ user.name }}'"
  server = await startTestServer(`
oidc_providers:${[
    entry('main', named, 'idp_brand: example'),
    entry('takeover', named, 'allow_existing_users: true'),
    entry('choosy', '', 'user_profile_method: userinfo_endpoint'),
    entry('closed', named, 'enable_registration: false'),
    entry('staff', named, 'attribute_requirements: [{ attribute: groups, one_of: [staff, admins] }]'),
  ].join('')}
sso: { client_whitelist: ['https://trusted.example'] }
`)
})
afterAll(async () => {
  await server.close()
  await provider.close()
})
beforeEach(() => {
  browser = new TestBrowser(server.url, provider.issuer)
})

function open(idp: string, redirectUrl = CLIENT): Promise<TestPage> {
  const path = `${LOGIN}/sso/redirect/oidc-${idp}?${new URLSearchParams({ redirectUrl })}`
  return browser.open(server.url + path)
}

/** Agrees on the page that asks, and logs in with the token that the client then gets. */
async function loggedIn(page: TestPage) {
  const end = new URL((await browser.submit(page, '/sso/grant')).url)
  const token = end.searchParams.get('loginToken')
  const { status, body } = await server.request('POST', LOGIN, { body: { type: 'm.login.token', token } })
  return { end, token, status, body }
}

describe('a login', () => {
  test('the providers are told', async () => {
    const { body } = await server.request('GET', LOGIN)
    expect(body['flows']).toContainEqual(
      expect.objectContaining({
        type: 'm.login.sso',
        identity_providers: expect.arrayContaining([
          { id: 'oidc-main', name: 'Example main', brand: 'example' },
        ]),
      }),
    )
    expect(body['flows']).toContainEqual({ type: 'm.login.token' })
  })

  test('makes an account, asks before the client gets it, and knows it the next time', async () => {
    provider.user = { sub: 'id-of-alice', preferred_username: 'Alice', name: 'Alice Liddell' }
    const first = await loggedIn(await open('main'))
    expect(first.end.href).toBe(`${CLIENT}&loginToken=${first.token}`)
    expect(first.body['user_id']).toBe('@alice:test.example')
    const again = await server.request('POST', LOGIN, { body: { type: 'm.login.token', token: first.token } })
    expect(again.status).toBe(403)
    const path = `/_matrix/client/v3/profile/${encodeURIComponent('@alice:test.example')}/displayname`
    expect((await server.request('GET', path)).body).toEqual({ displayname: 'Alice Liddell' })
    provider.user = { sub: 'id-of-alice', preferred_username: 'renamed' }
    browser.forget()
    const page = await open('main')
    expect(page.text).toContain('client.example')
    expect((await loggedIn(page)).body['user_id']).toBe('@alice:test.example')
  })

  test('a name that is taken is never taken over, unless the provider may', async () => {
    await server.register('queen')
    provider.user = { sub: 'another', preferred_username: 'queen' }
    const naming = await open('main')
    expect(naming.text).toContain('Choose a user name')
    const taken = await browser.submit(naming, '/choose-name', { user: 'queen' })
    expect([taken.status, taken.text]).toEqual([400, expect.stringContaining('taken')])
    const odd = await browser.submit(taken, '/choose-name', { user: 'no spaces' })
    expect(odd.status).toBe(400)
    const page = await browser.submit(odd, '/choose-name', { user: 'queen2' })
    expect((await loggedIn(page)).body['user_id']).toBe('@queen2:test.example')
    browser.forget()
    expect((await loggedIn(await open('takeover'))).body['user_id']).toBe('@queen:test.example')
  })

  test('without a template users choose; the profile comes from the userinfo endpoint', async () => {
    provider.user = { sub: 'chooser', preferred_username: 'ignored' }
    const naming = await open('choosy')
    const page = await browser.submit(naming, '/choose-name', { user: 'chosen' })
    expect((await loggedIn(page)).body['user_id']).toBe('@chosen:test.example')
  })

  test('a provider that is closed to new users lets none in', async () => {
    provider.user = { sub: 'stranger', preferred_username: 'stranger' }
    const page = await open('closed')
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('No account here')])
  })

  test('users who do not meet the requirements are refused', async () => {
    provider.user = { sub: 'guest', preferred_username: 'guest', groups: ['guests'] }
    expect((await open('staff')).status).toBe(403)
    provider.user = { sub: 'worker', preferred_username: 'worker', groups: ['guests', 'staff'] }
    expect((await loggedIn(await open('staff'))).body['user_id']).toBe('@worker:test.example')
  })

  test('who refuses at the provider gets a page', async () => {
    provider.user = undefined
    const page = await open('main')
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('did not let you in')])
  })

  test('a display name is set anew where the configuration says so', async () => {
    const [main] = server.context.config.sso.providers
    const identity = { subject: 'id-of-alice', localpart: 'alice', displayName: 'Queen Alice' }
    await accountOfIdentity(server.accounts, main!, identity, true)
    const path = `/_matrix/client/v3/profile/${encodeURIComponent('@alice:test.example')}/displayname`
    expect((await server.request('GET', path)).body).toEqual({ displayname: 'Queen Alice' })
  })

  test('a closed account stays closed', async () => {
    provider.user = { sub: 'leaver', preferred_username: 'leaver' }
    const { body } = await loggedIn(await open('main'))
    const { userNid } = (await server.accounts.sessions.find(String(body['access_token'])))!
    await updateAccount(server.database.queries, userNid, { deactivated: true })
    browser.forget()
    const page = await open('main')
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('closed')])
  })
})

describe('attacks', () => {
  test.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'nonsense',
    '',
  ])('a client at %j gets nothing', async (redirectUrl) => {
    provider.user = { sub: 'victim', preferred_username: 'victim' }
    expect((await open('main', redirectUrl)).status).toBe(400)
    const own = `${server.url}${LOGIN}/sso/redirect?${new URLSearchParams({ redirectUrl })}`
    expect((await browser.open(own)).status).toBe(400)
  })

  test('an answer that another browser asked for is not taken', async () => {
    provider.user = { sub: 'victim', preferred_username: 'victim' }
    const start = await fetch(`${server.url}${LOGIN}/sso/redirect/oidc-main?redirectUrl=${CLIENT}`, {
      redirect: 'manual',
    })
    const attacker = new TestBrowser(provider.issuer)
    const callback = await attacker.open(start.headers.get('location')!)
    expect(callback.url).toContain('/_synapse/client/oidc/callback?')
    const page = await browser.open(callback.url)
    expect([page.status, page.text]).toEqual([400, expect.stringContaining('not begun in this browser')])
  })

  test('an answer counts once', async () => {
    provider.user = { sub: 'once', preferred_username: 'once' }
    const stepwise = new TestBrowser(server.url, provider.issuer)
    await stepwise.open(`${server.url}${LOGIN}/sso/redirect/oidc-main?redirectUrl=${CLIENT}`)
    const callback = stepwise.visited.find((url) => url.includes('/oidc/callback'))!
    expect((await stepwise.open(callback)).status).toBe(400)
  })

  test('only whitelisted hosts are not asked about, and none that only begin like them', async () => {
    provider.user = { sub: 'id-of-alice', preferred_username: 'alice' }
    const trusted = await open('main', 'https://trusted.example/x?loginToken=old&y=z')
    const url = new URL(browser.link(trusted, 'Go on'))
    expect([url.host, url.searchParams.get('y')]).toEqual(['trusted.example', 'z'])
    expect(url.searchParams.getAll('loginToken')).toEqual([expect.stringMatching(/^mrl_/)])
    const evil = await open('main', 'https://trusted.example.evil.example/')
    expect(evil.text).toContain('trusted.example.evil.example</strong> full access')
  })

  test('an unknown provider is a page', async () => {
    expect((await open('unknown')).status).toBe(404)
  })
})

test('a client that knows of no providers is led to our own page, where a password does too', async () => {
  await server.register('typist')
  const signIn = await browser.open(`${server.url}${LOGIN}/sso/redirect?redirectUrl=${CLIENT}`)
  expect(signIn.text).toContain('Continue with Example main')
  const page = await browser.submit(signIn, '/sign-in', { user: 'typist', password: 'correct horse' })
  expect((await loggedIn(page)).body['user_id']).toBe('@typist:test.example')
})

test('who wants to register is led to where that is done', async () => {
  const path = `${LOGIN}/sso/redirect?${new URLSearchParams({ redirectUrl: CLIENT, action: 'register' })}`
  const signUp = await browser.open(server.url + path)
  const account = { user: 'newcomer', password: 'correct horse', repeated: 'correct horse' }
  const page = await browser.submit(signUp, '/sign-up', account)
  expect((await loggedIn(page)).body['user_id']).toBe('@newcomer:test.example')
})

describe('confirming an action', () => {
  test('is done with the provider, by the same user, after saying what it is', async () => {
    provider.user = { sub: 'prover', preferred_username: 'prover' }
    const { body } = await loggedIn(await open('main'))
    const token = String(body['access_token'])
    const remove = (auth?: object) =>
      server.request('DELETE', `/_matrix/client/v3/devices/${String(body['device_id'])}`, {
        token,
        body: auth ? { auth } : {},
      })
    const challenge = await remove()
    expect(challenge.body['flows']).toEqual([{ stages: ['m.login.sso'] }])
    const { session } = challenge.body
    const fallback = `${server.url}/_matrix/client/v3/auth/m.login.sso/fallback/web?session=${String(session)}`
    const through = async (who: TestBrowser) => {
      const page = await who.open(fallback)
      expect(page.text).toContain('@prover:test.example')
      expect(page.text).toContain('delete devices')
      const forwarded = await who.submit(page, '/fallback/web', { idp: 'oidc-main' })
      return who.open(who.link(forwarded, 'Go on'))
    }
    provider.user = { sub: 'id-of-alice', preferred_username: 'alice' }
    expect((await through(new TestBrowser(server.url, provider.issuer))).status).toBe(403)
    expect((await remove({ session })).status).toBe(401)
    provider.user = { sub: 'prover', preferred_username: 'prover' }
    expect((await through(browser)).text).toContain('onAuthDone')
    expect((await remove({ session })).status).toBe(200)
  })

  test('an unknown session is a page', async () => {
    const page = await browser.open(`${server.url}/_matrix/client/v3/auth/m.login.sso/fallback/web?session=x`)
    expect(page.status).toBe(400)
  })
})
