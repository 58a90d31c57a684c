import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinAsPeer } from '../../federation/test-support/peer-room.ts'
import { canonicalJson } from '../../protocol/json/canonical.ts'
import type { TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { BROKEN_BODIES } from './support/hostile-values.ts'
import { hostileWorld, type HostileWorld } from './support/hostile-world.ts'
import { signedRequest } from './support/signed-request.ts'

/** 200 times the largest event, which is what servers send at most. */
const MAX_TRANSACTION_BYTES = 13_107_200
const SEND = '/_matrix/federation/v1/send'
/** Requests without anything in them that take long; one that is left without an answer fails in time. */
const UNANSWERED_MS = 20_000

let world: HostileWorld
let alice: TestClient
let count = 0

beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
})
afterAll(() => world.close())

async function ask(method: string, path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(world.url + path, {
    ...init,
    method,
    headers: { authorization: `Bearer ${alice.token}`, ...init.headers },
    signal: AbortSignal.timeout(UNANSWERED_MS),
  })
  expectSound(`${method} ${path}`, response.status, await response.text())
  return response.status
}

const BODIES: Readonly<Record<string, RequestInit>> = {
  'bytes that are no UTF-8': { body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
  '200,000 levels': { body: `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}` },
  'a form': {
    body: '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n{}\r\n--x--\r\n',
    headers: { 'content-type': 'Multipart/Form-Data; boundary=x' },
  },
  'a compressed body': { body: new Uint8Array([0x1f, 0x8b]), headers: { 'content-encoding': 'gzip' } },
  ...Object.fromEntries(BROKEN_BODIES.map((body) => [body.slice(0, 30), { body }])),
}

/** Texts in a path that are more than they seem. */
const SEGMENTS = [
  '%00',
  '%2f',
  '%252f',
  '..%2f..%2fetc',
  '%2e%2e',
  '%ff',
  '%',
  'x'.repeat(3_000),
  '%0d%0aX:%20y',
]

function clientEndpoints() {
  // These end the session that the test asks with.
  return world.endpoints.filter(({ pattern }) => !/federation|logout/.test(pattern))
}

describe('clients', () => {
  test.each(Object.keys(BODIES))('no endpoint stumbles over a body like %j', async (name) => {
    const writing = clientEndpoints().filter(({ method }) => method === 'PUT' || method === 'POST')
    expect(writing.length).toBeGreaterThan(30)
    for (const { method, pattern } of writing) {
      await ask(method, pattern.replaceAll(/:\w+/g, 'x'), BODIES[name])
    }
    expect(world.takeFailures()).toEqual([])
  })

  test.each(SEGMENTS)('no endpoint stumbles over %s in its path', async (segment) => {
    for (const { method, pattern } of clientEndpoints()) {
      const path = pattern.replaceAll(/:\w+/g, segment)
      for (const target of [path, `${path}/`, `${path}/${segment}`, `/${path}`]) {
        await ask(method, target, method === 'GET' || method === 'DELETE' ? {} : { body: '{}' })
      }
    }
    expect(world.takeFailures()).toEqual([])
  })

  test('the method is the one of the request line', async () => {
    const path = '/_matrix/client/v3/account/whoami'
    const headers = { 'x-http-method-override': 'GET' }
    expect(await ask('POST', path, { body: '{}', headers })).toBe(405)
    expect(await ask('POST', `${path}?_method=GET`, { body: '{}' })).toBe(405)
  })
})

describe('servers', () => {
  const send = (body: string | Buffer, signedAs?: string) =>
    signedRequest(world.peer, world.federation, 'PUT', `${SEND}/w${++count}`, body, signedAs)

  test.each([
    ['', 400],
    ['{', 400],
    ['null', 400],
    ['[]', 400],
    ['"x"', 400],
    ['\ufeff{}', 400],
    ['{"pdus":NaN}', 400],
    [`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400],
    ['{"pdus":{}}', 400],
    ['{"edus":"x"}', 400],
    ['{"pdus":[null,7,"x",[],{}],"edus":[null,7,"x",[],{}]}', 200],
    ['{"pdus":[{"room_id":"\\u0000"},{"room_id":"!x:y","depth":1.5e300}]}', 200],
  ])('a transaction %j is answered with its status', async (body, status) => {
    const answer = await send(body)
    expectSound(body, answer.status, answer.text)
    expect(answer.status).toBe(status)
    expect(world.takeFailures()).toEqual([])
  })

  test('bytes that are no UTF-8, and halves of surrogate pairs, are no transaction', async () => {
    const broken = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
    expect((await send(broken, '{}')).status).toBe(400)
    expect((await send('{"pdus":[],"a":"\\ud800"}', '{"pdus":[]}')).status).toBe(400)
    expect(world.takeFailures()).toEqual([])
  })

  test('a body is read as the one that its signature is for', async () => {
    const twice = '{"pdus":[7],"pdus":[]}'
    expect((await send(twice, canonicalJson({ pdus: [] }))).status).toBe(200)
    expect((await send(twice, canonicalJson({ pdus: [7] }))).status).toBe(401)
  })

  test('the largest transaction is taken, and one byte more is not', async () => {
    const empty = Buffer.byteLength('{"a":"","pdus":[]}')
    const filled = (bytes: number) => `{"a":"${'x'.repeat(bytes - empty)}","pdus":[]}`
    expect((await send(filled(MAX_TRANSACTION_BYTES))).status).toBe(200)
    const refused = await send(filled(MAX_TRANSACTION_BYTES + 1)).catch((error: unknown) => error)
    // The connection may be cut before the sender is done and reads the answer.
    if (!(refused instanceof Error)) expect(refused).toMatchObject({ status: 413 })
  })

  test.each(['$\0', '$\0:x.test', '', 'x'.repeat(5_000), '__proto__'])(
    'nobody has the event %j',
    async (text) => {
      const roomId = await alice.createRoom({ preset: 'public_chat' })
      await joinAsPeer(world.peer, roomId, 'bob')
      const target = `/_matrix/federation/v1/get_missing_events/${encodeURIComponent(roomId)}`
      const body = { earliest_events: [text], latest_events: [text] }
      expect(await world.peer.request('POST', target, body)).toEqual({ status: 200, body: { events: [] } })
      expect(world.takeFailures()).toEqual([])
    },
  )

  test('and after all of it both are served', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    const room = await joinAsPeer(world.peer, roomId, 'bob')
    const event = room.build({})
    expect((await world.peer.send({ pdus: [event.pdu] }))[event.eventId]).toEqual({})
    expect(JSON.stringify(await alice.sync())).toContain(event.eventId)
  })
})
