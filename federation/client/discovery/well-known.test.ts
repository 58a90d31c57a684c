import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSecureContext } from 'node:tls'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'
import { addressRules } from '../../../homeserver/outgoing/addresses/address-rules.ts'
import { dialer, type Dial } from '../transport/dial.ts'
import { wellKnownCache } from './well-known-cache.ts'
import { fetchWellKnown, NoWellKnownError, type WellKnownAnswer } from './well-known.ts'

let network: PrivateNetwork
let dial: Dial
const servers: Server[] = []

beforeAll(async () => {
  network = await privateNetwork()
  dial = network.throughDial(
    dialer({
      resolver: network.resolver,
      rules: addressRules(['10.0.0.0/8'], []),
      secureContext: createSecureContext({ ca: await readFile(network.caPath) }),
      verifiesCertificate: () => true,
    }),
  )
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await network.close()
})

async function serve(
  host: string,
  behave: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<void> {
  const { certificate, privateKey } = await network.issue(host)
  const server = createServer({ cert: certificate, key: privateKey }, behave)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  network.addresses.set(host, ['127.0.0.1'])
  network.httpsPorts.set(host, (server.address() as AddressInfo).port)
}

const fetch = (host: string): Promise<WellKnownAnswer> => fetchWellKnown(dial, host, Date.now())

test('a delegation, with or without a content type, and how long it may be kept', async () => {
  await serve('plain.test', ({ url, headers }, response) => {
    expect([url, headers.host]).toEqual(['/.well-known/matrix/server', 'plain.test'])
    response.writeHead(200, { 'cache-control': 'max-age=7200' }).end('{"m.server":"b.test:443"}')
  })
  expect(await fetch('plain.test')).toEqual({ delegate: 'b.test:443', lifetimeMs: 7_200_000 })
})

test('redirects are followed from host to host', async () => {
  await serve('last.test', (_, response) => void response.end('{"m.server":"b.test"}'))
  await serve('first.test', ({ url }, response) => {
    const location = url === '/hop' ? 'https://last.test/anywhere?x=1' : '/hop'
    response.writeHead(307, { location }).end()
  })
  expect((await fetch('first.test')).delegate).toBe('b.test')
})

test.each<[string, number, Record<string, string>, string]>([
  ['loop.test', 302, { location: '/.well-known/matrix/server' }, ''],
  ['http.test', 302, { location: 'http://last.test/' }, ''],
  ['file.test', 302, { location: 'file:///etc/passwd' }, ''],
  ['user.test', 302, { location: 'https://user:pass@last.test/' }, ''],
  ['nowhere.test', 302, {}, ''],
  ['inside.test', 302, { location: 'https://10.0.0.1/' }, ''],
  ['missing.test', 404, {}, '{"m.server":"b.test"}'],
  ['broken.test', 200, {}, '{"m.server":'],
  ['other.test', 200, {}, '{"m.server":5}'],
  ['array.test', 200, {}, '["m.server"]'],
  ['large.test', 200, {}, `{"m.server":"b.test"${' '.repeat(100_000)}}`],
])('%s publishes none', async (host, status, headers, body) => {
  let asked = 0
  await serve(host, (_, response) => {
    asked++
    response.writeHead(status, headers).end(body)
  })
  await expect(fetch(host)).rejects.toThrow(NoWellKnownError)
  expect(asked).toBeLessThanOrEqual(6)
})

test('an answer of 100 MB is not read to its end', async () => {
  let sent = 0
  await serve('huge.test', (_, response) => {
    const more = (): void => {
      if (response.destroyed || sent >= 100_000_000) return
      sent += 1_000_000
      response.write(Buffer.alloc(1_000_000, 0x20), more)
    }
    more()
  })
  await expect(fetch('huge.test')).rejects.toThrow(NoWellKnownError)
  expect(sent).toBeLessThan(20_000_000)
})

test('answers and failures are remembered, and an unreachable host keeps its delegation', async () => {
  let now = 1_000_000
  let asked = 0
  let answer: () => Promise<WellKnownAnswer> = async () => ({ delegate: 'b.test', lifetimeMs: 1_000 })
  const delegate = wellKnownCache(
    async () => {
      asked++
      return answer()
    },
    () => now,
  )
  expect(await Promise.all([delegate('a.test'), delegate('a.test')])).toEqual(['b.test', 'b.test'])
  expect(asked).toBe(1)
  now += 1_001
  answer = async () => Promise.reject(new NoWellKnownError('a.test', 'out of reach', false))
  expect(await delegate('a.test')).toBe('b.test')
  expect(await delegate('a.test')).toBe('b.test')
  expect(asked).toBe(2)
  now += 60_001
  answer = async () => Promise.reject(new NoWellKnownError('a.test', 'status 404', true))
  expect(await delegate('a.test')).toBeUndefined()
  expect(asked).toBe(3)
})
