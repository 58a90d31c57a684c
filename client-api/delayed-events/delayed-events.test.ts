import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const UNSTABLE = '/_matrix/client/unstable/org.matrix.msc4140'
const LIST = `${UNSTABLE}/delayed_events`
const STABLE = '/_matrix/client/v1/delayed_events'
const LONG = 3_600_000
const QUICK = { per_second: 10_000, burst_count: 10_000 }

let server: TestServer
let alice: TestClient
let bob: TestClient
let roomId: string
let count = 0

beforeAll(async () => {
  server = await startTestServer({
    config: { rc_delayed_event_mgmt: QUICK, max_event_delay_duration: '2h', max_delayed_events_per_user: 5 },
  })
  alice = await server.register('alice')
  bob = await server.register('bob')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
})
afterAll(() => server.close())

const room = (): string => `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`
const delayedMessage = (delay: number | string, body: unknown = { n: 1 }, txnId = `d${++count}`) =>
  alice.request('PUT', `${room()}/send/x.y/${txnId}?org.matrix.msc4140.delay=${delay}`, body)
const delayedState = (delay: number, stateKey: string, content: Json) =>
  alice.request('PUT', `${room()}/state/x.state/${stateKey}?org.matrix.msc4140.delay=${delay}`, content)
const stateOf = async (stateKey: string) => {
  const { status, body } = await alice.request('GET', `${room()}/state/x.state/${stateKey}`)
  return status === 200 ? body : status
}
const waiting = async (client = alice) => (await client.request('GET', LIST)).body['delayed_events'] as Json[]
const act = (delayId: unknown, action: string, client = server.anonymous()) =>
  client.request('POST', `${LIST}/${String(delayId)}/${action}`, {})
const anotherDevice = async () => {
  const device = server.anonymous()
  const identifier = { type: 'm.id.user', user: 'alice' }
  const wish = { type: 'm.login.password', identifier, password: 'correct horse battery' }
  device.token = String((await device.call('POST', '/login', wish))['access_token'])
  return device
}
const sentCounts = async () => {
  const { body } = await alice.request('GET', `${room()}/messages?dir=f&filter={"types":["x.y"]}&limit=100`)
  return (body['chunk'] as { content: Json }[]).map(({ content }) => content['n'])
}

test('messages are sent in their order when their time has come, each once', async () => {
  const first = await delayedMessage(900, { n: 3 })
  expect(first.status).toBe(200)
  const before = Date.now()
  await delayedMessage(500, { n: 1 }, 'again')
  const second = await delayedMessage(700, { n: 2 })
  const again = await delayedMessage(500, undefined, 'again')
  expect((await waiting()).map(({ delay_id }) => delay_id)).toEqual([
    again.body['delay_id'],
    second.body['delay_id'],
    first.body['delay_id'],
  ])
  expect(await waiting(bob)).toEqual([])
  await expect.poll(() => waiting(), { timeout: 20_000 }).toEqual([])
  expect(Date.now() - before).toBeGreaterThanOrEqual(500)
  expect(await sentCounts()).toEqual([1, 2, 3])
  const looked = await alice.request('GET', `${LIST}/${String(first.body['delay_id'])}`)
  expect(looked.body).toMatchObject({
    type: 'x.y',
    room_id: roomId,
    content: { n: 3 },
    delay_ms: 900,
    delay: 900,
    finalised: { event_id: expect.stringMatching(/^\$/), finalised_ts: expect.any(Number) },
  })
})

test('an event is cancelled, sent and restarted by who knows its id', async () => {
  const cancelled = (await delayedState(1_000, 'cancelled', { a: 1 })).body['delay_id']
  const sent = (await delayedState(LONG, 'sent', { a: 2 })).body['delay_id']
  expect(await stateOf('sent')).toBe(404)
  expect([(await act(cancelled, 'cancel')).status, (await act(sent, 'send')).status]).toEqual([200, 200])
  expect(await stateOf('sent')).toEqual({ a: 2 })
  expect(await waiting()).toEqual([])
  const repeats = [await act(cancelled, 'cancel'), await act(sent, 'send')]
  expect(repeats.map(({ status }) => status)).toEqual([200, 200])
  for (const answer of [
    await act(cancelled, 'restart'),
    await act(sent, 'cancel'),
    await act('nobody', 'send'),
    await act(sent, 'oops'),
  ]) {
    expect(answer.status).toBe(404)
  }
  const restarted = (await delayedState(LONG, 'restarted', {})).body['delay_id']
  const before = (await waiting())[0]!
  await expect.poll(() => Date.now()).toBeGreaterThan(Number(before['running_since']))
  await alice.request('POST', `${LIST}/${String(restarted)}`, { action: 'restart' })
  const after = (await waiting())[0]!
  expect(Number(after['running_since'])).toBeGreaterThan(Number(before['running_since']))
  await act(restarted, 'cancel')
  expect(await stateOf('cancelled')).toBe(404)
})

test('the accepted form: scheduling by body, managing by the own user alone', async () => {
  const path = (type: string) => `${room()}/delayed_event/${type}/d${++count}`
  const body = { delay_ms: LONG, state_key: 'k', content: { 'a\0b': 'c\0d' } }
  const { body: scheduled } = await alice.request('PUT', path('x.state'), body)
  const delayId = String(scheduled['delay_id'])
  const { body: listed } = await alice.request('GET', STABLE)
  expect(listed).toEqual({
    delayed_events: [
      {
        delay_id: delayId,
        room_id: roomId,
        type: 'x.state',
        state_key: 'k',
        delay_ms: LONG,
        delayed_since_ts: expect.any(Number),
        content: body.content,
      },
    ],
  })
  const asOther = await bob.request('POST', `${STABLE}/${delayId}/send`, {})
  const asNobody = await server.anonymous().request('POST', `${STABLE}/${delayId}/send`, {})
  const seen = await bob.request('GET', `${STABLE}/${delayId}`)
  expect([asOther.status, asNobody.status, seen.status]).toEqual([404, 401, 404])
  expect((await alice.request('POST', `${STABLE}/${delayId}/send`, {})).status).toBe(200)
  expect(await stateOf('k')).toEqual(body.content)
  const conflict = await alice.request('POST', `${STABLE}/${delayId}/cancel`, {})
  expect(conflict).toMatchObject({ status: 409, body: { errcode: 'M_UNKNOWN' } })
  for (const [wrong, errcode] of [
    [{ content: {} }, 'M_MISSING_PARAM'],
    [{ delay_ms: 1000 }, 'M_MISSING_PARAM'],
    [{ delay_ms: 0, content: {} }, 'M_BAD_JSON'],
    [{ delay_ms: 1.5, content: {} }, 'M_BAD_JSON'],
    [{ delay_ms: 1000, content: 'text' }, 'M_BAD_JSON'],
    [{ delay_ms: 1000, content: {}, state_key: 1 }, 'M_BAD_JSON'],
    [{ delay_ms: 1000, content: { a: 1.5 } }, 'M_BAD_JSON'],
  ] as const) {
    expect(await alice.request('PUT', path('x.y'), wrong)).toMatchObject({ status: 400, body: { errcode } })
  }
  const late = await alice.request('PUT', path('x.y'), { delay_ms: 3 * LONG, content: {} })
  expect(late).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
})

test('whether the user may send is decided when the time has come', async () => {
  const path = `${room()}/send/x.y/b${++count}?org.matrix.msc4140.delay=`
  const kept = (await bob.request('PUT', `${path}${LONG}`, {})).body['delay_id']
  const failing = (await bob.request('PUT', `${path.replace('/b', '/c')}400`, {})).body['delay_id']
  await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/kick`, { user_id: bob.userId })
  expect((await act(kept, 'send')).body).toMatchObject({ errcode: 'M_FORBIDDEN' })
  await expect.poll(async () => (await waiting(bob)).map(({ delay_id }) => delay_id)).toEqual([kept])
  const { body } = await bob.request('GET', `${STABLE}/${String(failing)}`)
  expect(body['finalised']).toMatchObject({ error: { errcode: 'M_FORBIDDEN' } })
  expect(body['finalised']).not.toHaveProperty('event_id')
  const outside = await bob.request('PUT', `${path.replace('/b', '/e')}400`, {})
  expect(outside).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  await act(kept, 'cancel')
})

test('the sender, and nobody else, is told which delayed event an event was', async () => {
  const laptop = await anotherDevice()
  const ids = [
    (await delayedMessage(LONG, { told: 1 })).body['delay_id'],
    (await delayedState(LONG, 'told', { told: 2 })).body['delay_id'],
  ]
  for (const id of ids) await act(id, 'send')
  const told = async (client: TestClient) => {
    const { chunk } = await client.call('GET', `/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=2`)
    return (chunk as { unsigned: Json }[]).map(({ unsigned }) => unsigned).reverse()
  }
  for (const client of [alice, laptop]) {
    const unsigned = await told(client)
    expect(unsigned.map((own) => own['delay_id'])).toEqual(ids)
    expect(unsigned.map((own) => own['org.matrix.msc4140.delay_id'])).toEqual(ids)
    for (const own of unsigned) expect(own).not.toHaveProperty('transaction_id')
  }
  expect(JSON.stringify(await told(bob))).not.toContain('delay_id')
  expect(JSON.stringify(await bob.sync())).not.toContain('delay_id')
  const { body: slid } = await laptop.request(
    'POST',
    '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync',
    {
      room_subscriptions: { [roomId]: { timeline_limit: 5, required_state: [['x.state', 'told']] } },
    },
  )
  for (const id of ids) expect(JSON.stringify(slid)).toContain(`"delay_id":"${String(id)}"`)
  await laptop.call('POST', '/logout', {})
})

test('what a device has scheduled outlives its logout, as what it is for does', async () => {
  const device = await anotherDevice()
  const state = (key: string, delay: number) =>
    device.request('PUT', `${room()}/state/x.state/${key}?org.matrix.msc4140.delay=${delay}`, { left: true })
  await state('gone', 800)
  const other = (await state('kept', LONG)).body['delay_id']
  await device.call('POST', '/logout', {})
  expect((await waiting()).map(({ delay_id }) => delay_id)).toContain(other)
  await expect.poll(() => stateOf('gone'), { timeout: 20_000 }).toEqual({ left: true })
  expect((await alice.request('POST', `${STABLE}/${String(other)}/cancel`, {})).status).toBe(200)
  expect(await stateOf('kept')).toBe(404)
})

test('delays and their number are bounded', async () => {
  for (const delay of ['0', '-1', '1.5', 'soon', '9'.repeat(30)]) {
    expect((await delayedMessage(delay)).body['errcode']).toBe('M_INVALID_PARAM')
  }
  expect(await delayedMessage(3 * LONG)).toMatchObject({
    status: 400,
    body: {
      errcode: 'M_UNKNOWN',
      'org.matrix.msc4140.errcode': 'M_MAX_DELAY_EXCEEDED',
      'org.matrix.msc4140.max_delay': 2 * LONG,
    },
  })
  const answers = await Promise.all(Array.from({ length: 8 }, () => delayedMessage(LONG)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
  const refused = answers.filter(({ status }) => status !== 200)
  for (const { status, body, headers } of refused) {
    expect([status, body['errcode']]).toEqual([429, 'M_LIMIT_EXCEEDED'])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_000)
  }
  expect((await server.anonymous().request('GET', LIST)).status).toBe(401)
})
