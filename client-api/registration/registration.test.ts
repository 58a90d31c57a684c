import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertRegistrationToken } from '../../storage/accounts/registration-tokens.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const REGISTER = '/_matrix/client/v3/register'
const DUMMY = { type: 'm.login.dummy' }

describe('open registration', () => {
  let server: TestServer
  beforeAll(async () => void (server = await startTestServer()))
  afterAll(() => server.close())

  test('without auth it answers with flows and a session, with which it then succeeds', async () => {
    const first = await server.request('POST', REGISTER, { body: {} })
    expect(first.status).toBe(401)
    const flows = [{ stages: ['m.login.dummy'] }, { stages: ['m.login.registration_token'] }]
    expect(first.body).toEqual({ flows, params: {}, session: expect.any(String) })
    const body = {
      username: 'twostep',
      password: 'übers3kr1t',
      auth: { ...DUMMY, session: first.body.session },
    }
    const second = await server.request('POST', REGISTER, { body })
    expect(second.status).toBe(200)
    expect(second.body).toMatchObject({
      user_id: '@twostep:test.example',
      access_token: expect.stringMatching(/^mrd_/),
    })
    const replay = await server.request('POST', REGISTER, { body: { ...body, username: 'replayed' } })
    expect(replay.status).toBe(401)
  })

  test('one request with the dummy stage is enough', async () => {
    const body = { username: 'One-Shot', password: 'secret', device_id: 'my_device', auth: DUMMY }
    const answer = await server.request('POST', REGISTER, { body })
    expect(answer.body).toMatchObject({ user_id: '@one-shot:test.example', device_id: 'my_device' })
  })

  test('inhibit_login gives no token', async () => {
    const body = { username: 'quiet', password: 'secret', inhibit_login: true, auth: DUMMY }
    const answer = await server.request('POST', REGISTER, { body })
    expect(answer.body).toEqual({ user_id: '@quiet:test.example', home_server: 'test.example' })
  })

  test('a name is invented for who gives none', async () => {
    const answer = await server.request('POST', REGISTER, { body: { password: 'secret', auth: DUMMY } })
    expect(answer.body.user_id).toMatch(/^@u[0-9a-f]{16}:test\.example$/)
  })

  test.each(['', 'a b', 'a@b', 'ä', 'a\0b', 'a:b', 'x'.repeat(250)])(
    'the name %j is refused',
    async (username) => {
      const answer = await server.request('POST', REGISTER, {
        body: { username, password: 'secret', auth: DUMMY },
      })
      expect([answer.status, answer.body.errcode]).toEqual([400, 'M_INVALID_USERNAME'])
    },
  )

  test('a name is given once, also to two who ask at once', async () => {
    const body = { username: 'contended', password: 'secret', auth: DUMMY }
    const answers = await Promise.all([1, 2, 3].map(() => server.request('POST', REGISTER, { body })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    expect(answers.find(({ status }) => status === 400)?.body.errcode).toBe('M_USER_IN_USE')
  })

  test('availability', async () => {
    await server.register('taken')
    const check = (name: string) => server.request('GET', `${REGISTER}/available?username=${name}`)
    expect((await check('free')).body).toEqual({ available: true })
    expect((await check('taken')).body).toMatchObject({ errcode: 'M_USER_IN_USE' })
    expect((await check('ta,ken')).body).toMatchObject({ errcode: 'M_INVALID_USERNAME' })
    expect((await check('nul%00')).status).toBe(400)
  })

  test.each([
    [{ auth: 'x' }, 'M_BAD_JSON'],
    [{ username: 1, auth: DUMMY }, 'M_BAD_JSON'],
    [{ username: 'typed', password: {}, auth: DUMMY }, 'M_BAD_JSON'],
    [{ username: 'nopass', auth: DUMMY }, 'M_MISSING_PARAM'],
    [{ username: 'dev', password: 'secret', device_id: 'a\0b', auth: DUMMY }, 'M_INVALID_PARAM'],
  ])('%j is refused with %s', async (body, errcode) => {
    const answer = await server.request('POST', REGISTER, { body })
    expect([answer.status, answer.body.errcode]).toEqual([400, errcode])
  })
})

describe('shared-secret registration', () => {
  let server: TestServer
  beforeAll(async () => void (server = await startTestServer()))
  afterAll(() => server.close())
  const path = '/_synapse/admin/v1/register'

  async function claim(username: string, admin: boolean, secret = 'shared') {
    const { nonce } = (await server.request('GET', path)).body
    const parts = [nonce, username, 'password', admin ? 'admin' : 'notadmin']
    const mac = createHmac('sha1', secret).update(parts.join('\0')).digest('hex')
    return { nonce, username, password: 'password', admin, mac }
  }

  test('makes accounts, administrators among them', async () => {
    const answer = await server.request('POST', path, { body: await claim('Root', true) })
    expect(answer.body).toMatchObject({ user_id: '@root:test.example', access_token: expect.any(String) })
    const session = await server.accounts.sessions.find(String(answer.body.access_token))
    expect(session?.admin).toBe(true)
  })

  test('a nonce is good once, and a wrong MAC is refused', async () => {
    const good = await claim('once', false)
    expect((await server.request('POST', path, { body: good })).status).toBe(200)
    expect((await server.request('POST', path, { body: { ...good, username: 'twice' } })).status).toBe(400)
    expect((await server.request('POST', path, { body: await claim('wrong', true, 'guess') })).status).toBe(
      403,
    )
    const raised = { ...(await claim('raised', false)), admin: true }
    expect((await server.request('POST', path, { body: raised })).status).toBe(403)
    expect(
      (await server.request('POST', path, { body: { ...(await claim('x', false)), mac: 'zz' } })).status,
    ).toBe(403)
  })
})

describe('registration with a token', () => {
  let server: TestServer
  beforeAll(async () => void (server = await startTestServer('registration_requires_token: true\n')))
  afterAll(() => server.close())

  test('a token is used as often as it allows', async () => {
    await insertRegistrationToken(server.database.queries, {
      token: 'two',
      usesAllowed: 2,
      expiresTs: null,
      makesAdmin: false,
    })
    const validity = '/_matrix/client/v1/register/m.login.registration_token/validity?token=two'
    expect((await server.request('GET', validity)).body).toEqual({ valid: true })
    const names = ['a', 'b', 'c', 'd']
    const answers = await Promise.all(
      names.map((username) => {
        const auth = { type: 'm.login.registration_token', token: 'two' }
        return server.request('POST', REGISTER, { body: { username, password: 'secret', auth } })
      }),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
    expect((await server.request('GET', validity)).body).toEqual({ valid: false })
  })

  test('neither a wrong token nor the dummy stage passes', async () => {
    for (const auth of [{ type: 'm.login.registration_token', token: 'no\0' }, DUMMY]) {
      const answer = await server.request('POST', REGISTER, {
        body: { username: 'nobody', password: 'x', auth },
      })
      expect(answer.status).toBe(401)
      expect(answer.body).toMatchObject({ flows: [{ stages: ['m.login.registration_token'] }] })
    }
  })
})

describe('closed registration', () => {
  let server: TestServer
  beforeAll(async () => void (server = await startTestServer('', { open: false })))
  afterAll(() => server.close())

  test('lets the first administrator in by token, and then nobody', async () => {
    const token = 'first-admin'
    await insertRegistrationToken(server.database.queries, {
      token,
      usesAllowed: 1,
      expiresTs: Date.now() + 60_000,
      makesAdmin: true,
    })
    const body = { username: 'root', password: 'secret', auth: DUMMY }
    expect((await server.request('POST', REGISTER, { body })).status).toBe(401)
    const auth = { type: 'm.login.registration_token', token }
    const first = await server.request('POST', REGISTER, { body: { ...body, auth } })
    const session = await server.accounts.sessions.find(String(first.body.access_token))
    expect(session).toMatchObject({ userId: '@root:test.example', admin: true })
    const closed = await server.request('POST', REGISTER, { body: { ...body, username: 'next' } })
    expect([closed.status, closed.body.errcode]).toEqual([403, 'M_FORBIDDEN'])
    expect((await server.request('GET', `${REGISTER}/available?username=next`)).status).toBe(403)
    const guest = await server.request('POST', `${REGISTER}?kind=guest`, { body: {} })
    expect([guest.status, guest.body.errcode]).toEqual([403, 'M_GUEST_ACCESS_FORBIDDEN'])
  })
})
