import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startAppService, type ServiceHandler, type TestAppService } from '../support/app-service.ts'
import type { Json, TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

// Application service API: "Pinging", "Querying", "Third-party networks", "Published room directories".

const V3 = '/_matrix/client/v3'
const id = encodeURIComponent

let bridge: TestAppService
let other: TestAppService
let dumb: TestAppService
let gone: TestAppService
let server: TestServer
let person: TestClient
let serviceId = ''

beforeAll(async () => {
  bridge = await startAppService({ id: 'irc-bridge', protocols: ['irc'] })
  other = await startAppService({
    sender_localpart: 'other',
    protocols: ['irc', 'xmpp'],
    namespaces: { users: [{ exclusive: false, regex: '@other.*' }] },
  })
  dumb = await startAppService({ id: 'dumb', url: null, sender_localpart: 'dumb', namespaces: {} })
  gone = await startAppService({
    id: 'gone',
    url: 'http://127.0.0.1:9',
    sender_localpart: 'gone',
    namespaces: { aliases: [{ exclusive: true, regex: '#gone_.*' }] },
  })
  const files = [bridge, other, dumb, gone].map(({ registrationFile }) => registrationFile)
  server = await startTestServer({ config: { app_service_config_files: files } })
  person = await server.register('person')
  serviceId = 'irc-bridge'
})
afterAll(async () => {
  await server.close()
  for (const service of [bridge, other, dumb, gone]) await service.close()
})
beforeEach(() => {
  for (const service of [bridge, other]) service.handle(() => ({ status: 200 }))
})

const errorOf = ({ status, body }: { status: number; body: object }) => [
  status,
  (body as { errcode?: string }).errcode,
]
const answering =
  (answers: Readonly<Record<string, unknown>>): ServiceHandler =>
  ({ path }) =>
    path in answers
      ? { status: 200, body: answers[path] }
      : { status: path.includes('transactions') ? 200 : 404 }

describe('ping', () => {
  const ping = (client: TestClient, service = serviceId) =>
    client.request('POST', `/_matrix/client/v1/appservice/${service}/ping`, { transaction_id: 'meow' })

  test('goes there and back', async () => {
    const answer = await ping(bridge.actor(server.url))
    expect([answer.status, answer.body]).toEqual([200, { duration_ms: expect.any(Number) }])
    const request = bridge.requests.find(({ path }) => path === `/_matrix/app/v1/ping`)
    expect(request).toMatchObject({
      method: 'POST',
      authorization: `Bearer ${bridge.hsToken}`,
      body: { transaction_id: 'meow' },
    })
  })

  test('says what is wrong', async () => {
    bridge.handle(() => ({ status: 403, body: { errcode: 'M_FORBIDDEN' } }))
    const refused = await ping(bridge.actor(server.url))
    expect(errorOf(refused)).toEqual([502, 'M_BAD_STATUS'])
    expect(refused.body).toMatchObject({ status: 403, body: '{"errcode":"M_FORBIDDEN"}' })
    expect(errorOf(await ping(dumb.actor(server.url)))).toEqual([403, 'M_FORBIDDEN'])
    expect(errorOf(await ping(dumb.actor(server.url), 'dumb'))).toEqual([400, 'M_URL_NOT_SET'])
    expect(errorOf(await ping(person))).toEqual([403, 'M_FORBIDDEN'])
    expect(errorOf(await ping(server.anonymous()))).toEqual([401, 'M_MISSING_TOKEN'])
  })
})

describe('queries', () => {
  test('an unknown alias is made by the service while somebody waits to join it', async () => {
    bridge.handle(async ({ path }) => {
      if (path !== `/_matrix/app/v1/rooms/${id('#_bridge_made:here.test')}`) return { status: 404 }
      await bridge.actor(server.url).createRoom({ room_alias_name: '_bridge_made', preset: 'public_chat' })
      return { status: 200 }
    })
    const roomId = await person.join('#_bridge_made:here.test')
    expect((await person.call('GET', `/directory/room/${id('#_bridge_made:here.test')}`))['room_id']).toBe(
      roomId,
    )
    const unknown = await person.request('POST', `${V3}/join/${id('#_bridge_unknown:here.test')}`, {})
    expect(errorOf(unknown)).toEqual([404, 'M_NOT_FOUND'])
    const before = bridge.requests.length
    await person.request('POST', `${V3}/join/${id('#nobodys:here.test')}`, {})
    expect(bridge.requests.slice(before).filter(({ path }) => path.includes('/rooms/'))).toEqual([])
  })

  test('an unknown user is made by the service when somebody invites it', async () => {
    const userId = '@_bridge_made:here.test'
    bridge.handle(async ({ path }) => {
      if (path !== `/_matrix/app/v1/users/${id(userId)}`)
        return { status: path.includes('transactions') ? 200 : 404 }
      const body = { type: 'm.login.application_service', username: '_bridge_made', inhibit_login: true }
      await bridge.actor(server.url).call('POST', '/register', body)
      await bridge
        .actor(server.url, userId)
        .call('PUT', `/profile/${id(userId)}/displayname`, { displayname: 'Made' })
      return { status: 200 }
    })
    const roomId = await person.createRoom()
    await person.call('POST', `/rooms/${id(roomId)}/invite`, { user_id: userId })
    const member = (await person.state(roomId)).find((event) => event['state_key'] === userId)
    expect(member?.['content']).toMatchObject({ membership: 'invite', displayname: 'Made' })
    const asked = bridge.requests.filter(({ path }) => path.includes('/users/'))
    expect(asked).toHaveLength(1)
  })

  test('a service that is away is said to be', async () => {
    const joined = await person.request('POST', `${V3}/join/${id('#gone_x:here.test')}`, {})
    expect(errorOf(joined)).toEqual([408, 'M_UNKNOWN'])
    const ping = await gone.actor(server.url).request('POST', '/_matrix/client/v1/appservice/gone/ping', {})
    expect(errorOf(ping)).toEqual([502, 'M_CONNECTION_FAILED'])
  })
})

describe('third-party networks', () => {
  const field = { regexp: '[^ ]+', placeholder: 'x' }
  const protocol = (networkId: string) => ({
    user_fields: ['network', 'nickname'],
    location_fields: ['network', 'channel'],
    icon: 'mxc://here.test/icon',
    field_types: { network: field, nickname: field, channel: field },
    instances: [
      { desc: networkId, network_id: networkId, fields: { network: networkId } },
      { desc: 'no instance' },
    ],
  })

  test('protocols of several services are one, and what is none is left out', async () => {
    bridge.handle(answering({ [`/_matrix/app/v1/thirdparty/protocol/irc`]: protocol('libera') }))
    other.handle(
      answering({
        '/_matrix/app/unstable/thirdparty/protocol/irc': protocol('oftc'),
        [`/_matrix/app/v1/thirdparty/protocol/xmpp`]: { user_fields: 'no list' },
      }),
    )
    const protocols = await person.call('GET', '/thirdparty/protocols')
    expect(Object.keys(protocols)).toEqual(['irc'])
    const { instances, ...irc } = protocols['irc'] as Json
    expect(irc).toMatchObject({ user_fields: ['network', 'nickname'], icon: 'mxc://here.test/icon' })
    expect((instances as Json[]).map((instance) => instance['network_id'])).toEqual(['libera', 'oftc'])
    expect((instances as Json[])[0]).toMatchObject({ instance_id: `${serviceId}|libera` })
    expect(await person.call('GET', '/thirdparty/protocol/irc')).toEqual(protocols['irc'])
    expect(errorOf(await person.request('GET', `${V3}/thirdparty/protocol/none`))).toEqual([
      404,
      'M_NOT_FOUND',
    ])
  })

  test('an answer without end, and what is no JSON, count as none', async () => {
    bridge.handle(({ path }) =>
      path.includes('location') ? { status: 200, body: [{ alias: 'x'.repeat(5_000_000) }] } : { status: 200 },
    )
    const found = await person.request('GET', `${V3}/thirdparty/location/irc?channel=x`)
    expect(errorOf(found)).toEqual([404, 'M_NOT_FOUND'])
  })

  test('locations and users are searched by fields and looked up by name', async () => {
    const location = { alias: '#_bridge_x:here.test', protocol: 'irc', fields: { channel: '#x' } }
    const user = { userid: '@_bridge_x:here.test', protocol: 'irc', fields: { nickname: 'x' } }
    bridge.handle(
      answering({
        [`/_matrix/app/v1/thirdparty/location/irc`]: [location, { alias: 7 }, 'rubbish'],
        [`/_matrix/app/v1/thirdparty/user/irc`]: [user],
        [`/_matrix/app/v1/thirdparty/location`]: [location],
        [`/_matrix/app/v1/thirdparty/user`]: [user],
      }),
    )
    other.handle(answering({ [`/_matrix/app/v1/thirdparty/location/irc`]: { no: 'list' } }))
    const get = (path: string) => person.request('GET', `${V3}/thirdparty${path}`)
    expect((await get('/location/irc?channel=%23x&access_token=mine')).body).toEqual([location])
    const asked = bridge.requests.findLast(({ path }) => path === `/_matrix/app/v1/thirdparty/location/irc`)
    expect([...asked!.query]).toEqual([['channel', '#x']])
    expect((await get('/user/irc?nickname=x')).body).toEqual([user])
    expect((await get(`/location?alias=${id('#_bridge_x:here.test')}`)).body).toEqual([location])
    expect((await get(`/user?userid=${id('@_bridge_x:here.test')}`)).body).toEqual([user])
    expect(errorOf(await get(`/user?userid=${id('@person:here.test')}`))).toEqual([404, 'M_NOT_FOUND'])
    expect(errorOf(await get('/location'))).toEqual([400, 'M_MISSING_PARAM'])
    expect(errorOf(await get('/user/none'))).toEqual([404, 'M_NOT_FOUND'])
    expect(errorOf(await server.anonymous().request('GET', `${V3}/thirdparty/protocols`))).toEqual([
      401,
      'M_MISSING_TOKEN',
    ])
  })
})

describe('directories of networks', () => {
  const chunkOf = async (query: Json) => {
    const answer = await person.call('POST', '/publicRooms', query)
    return (answer['chunk'] as Json[]).map((room) => room['room_id'])
  }

  test('list the rooms that the service publishes, apart from the general one', async () => {
    const bot = bridge.actor(server.url)
    const roomId = await bot.createRoom({ preset: 'public_chat' })
    const general = await person.createRoom({ preset: 'public_chat', visibility: 'public' })
    const path = `${V3}/directory/list/appservice/libera/${id(roomId)}`
    expect((await bot.request('PUT', path, { visibility: 'public' })).body).toEqual({})
    const network = { third_party_instance_id: `${serviceId}|libera` }
    expect(await chunkOf(network)).toEqual([roomId])
    expect(await chunkOf({})).toEqual([general])
    expect(new Set(await chunkOf({ include_all_networks: true }))).toEqual(new Set([general, roomId]))
    expect(await chunkOf({ third_party_instance_id: `${serviceId}|oftc` })).toEqual([])
    expect(await chunkOf({ third_party_instance_id: 'rubbish' })).toEqual([])
    expect((await person.call('GET', `/directory/list/room/${id(roomId)}`))['visibility']).toBe('private')
    await bot.call('PUT', `/directory/list/room/${id(roomId)}`, { visibility: 'public' })
    await bot.request('PUT', path, { visibility: 'private' })
    expect(await chunkOf(network)).toEqual([])
    expect(new Set(await chunkOf({}))).toEqual(new Set([general, roomId]))
  })

  test('are the services’ alone', async () => {
    const roomId = await person.createRoom({ preset: 'public_chat' })
    const path = `${V3}/directory/list/appservice/libera/${id(roomId)}`
    expect(errorOf(await person.request('PUT', path, { visibility: 'public' }))).toEqual([403, 'M_FORBIDDEN'])
    const bot = bridge.actor(server.url)
    expect(errorOf(await bot.request('PUT', path, { visibility: 'none' }))).toEqual([400, 'M_INVALID_PARAM'])
    const unknown = `${V3}/directory/list/appservice/libera/${id('!unknown:here.test')}`
    expect(errorOf(await bot.request('PUT', unknown, { visibility: 'public' }))).toEqual([404, 'M_NOT_FOUND'])
  })
})
