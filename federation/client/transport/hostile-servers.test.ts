import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireOrSkip } from '../../../spec-tests/support/require-or-skip.ts'
import { miniServer, type MiniServer } from '../../test-support/mini-server.ts'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

let network: PrivateNetwork
let here: MiniServer
const servers: Server[] = []
const loopback = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
const withoutIpv6 = requireOrSkip(
  '::1 on the loopback interface',
  loopback.some(({ address }) => address === '::1'),
)

beforeAll(async () => {
  network = await privateNetwork()
  here = await miniServer(network, 'here.test')
})
afterAll(async () => {
  await here.close()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await network.close()
})

/** A server of `name` that does as told; its certificate is for `certified`. */
async function serve(name: string, behave: Behaviour, certified = name, host = '127.0.0.1'): Promise<number> {
  const { certificate, privateKey } = await network.issue(certified)
  const server = createServer({ cert: certificate, key: privateKey }, behave)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  network.addresses.set(name, [host])
  network.services.set(`_matrix-fed._tcp.${name}`, [{ name, port, priority: 0, weight: 0 }])
  return port
}

function ask(
  destination: string,
  options: { timeoutMs?: number; maxAnswerBytes?: number } = {},
): Promise<unknown> {
  return here.federation.transport.request(destination, { method: 'GET', target: '/_matrix/x', ...options })
}

const backsOff = async (name: string): Promise<boolean> =>
  (await here.federation.backoff.retryAt(name)) > Date.now()

describe('answers', () => {
  test('a redirect is an error, and nobody follows it', async () => {
    let followed = 0
    await serve('elsewhere.test', () => followed++)
    await serve('redirecting.test', (_, response) => {
      response.writeHead(302, { location: 'https://elsewhere.test/' }).end('{}')
    })
    await expect(ask('redirecting.test')).rejects.toMatchObject({ kind: 'refused', status: 302 })
    expect(followed).toBe(0)
  })

  test('one that never ends is cut off at the bound, announced or not', async () => {
    await serve('endless.test', (_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(10_000), more)
      }
      more()
    })
    await expect(ask('endless.test', { maxAnswerBytes: 100_000 })).rejects.toMatchObject({
      kind: 'bad-answer',
    })
  })

  test('headers without end are cut off at the bound', async () => {
    let written = 0
    await serve('headers.test', ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const more = (): void => {
        if (socket.destroyed) return
        written += 1_000
        socket.write(`x-${written}: ${'x'.repeat(1_000)}\r\n`, more)
      }
      more()
    })
    await expect(ask('headers.test', { timeoutMs: 10_000 })).rejects.toMatchObject({ kind: 'unreachable' })
    expect(written).toBeLessThan(10_000_000)
    await serve('large-header.test', (_, response) => {
      response.writeHead(200, { 'x-large': 'x'.repeat(20_000) }).end('{}')
    })
    await expect(ask('large-header.test')).rejects.toMatchObject({
      kind: 'unreachable',
      cause: { code: 'UND_ERR_HEADERS_OVERFLOW' },
    })
  })

  test('one that drips is cut off in time', async () => {
    await serve('dripping.test', (_, response) => {
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    })
    await expect(ask('dripping.test', { timeoutMs: 300 })).rejects.toMatchObject({ kind: 'unreachable' })
    expect(await backsOff('dripping.test')).toBe(true)
  })

  test.each([
    ['html.test', 200, '<html>', 'bad-answer'],
    ['array.test', 200, '[]', 'bad-answer'],
    ['empty.test', 200, '', 'bad-answer'],
    ['deep.test', 200, '['.repeat(200_000), 'bad-answer'],
    ['token.test', 401, '{"errcode":"M_UNKNOWN_TOKEN","error":"x"}', 'refused'],
    ['internal.test', 500, '{"errcode":"M_UNKNOWN","error":"x"}', 'refused'],
    ['gateway.test', 502, '<html>', 'unreachable'],
  ])('%s answers %i', async (name, status, body, kind) => {
    await serve(name, (_, response) => void response.writeHead(status).end(body))
    await expect(ask(name)).rejects.toMatchObject({ name: 'FederationRequestError', kind })
    expect(await backsOff(name)).toBe(kind === 'unreachable')
  })
})

describe('connections', () => {
  test('a server that is down is asked once, and again when it insists or is heard from', async () => {
    let asked = 0
    await serve('down.test', (request) => {
      asked++
      request.socket.destroy()
    })
    await expect(ask('down.test')).rejects.toMatchObject({ kind: 'unreachable' })
    const once = asked
    await expect(ask('down.test')).rejects.toMatchObject({ kind: 'backed-off' })
    expect(asked).toBe(once)
    await here.federation.backoff.heardFrom('down.test')
    await expect(ask('down.test')).rejects.toMatchObject({ kind: 'unreachable' })
    expect(asked).toBeGreaterThan(once)
  })

  test('a connection that breaks once is no failure', async () => {
    let asked = 0
    await serve('closing.test', (request, response) => {
      if (++asked === 2) request.socket.destroy()
      else response.end('{"n":1}')
    })
    expect(await ask('closing.test')).toEqual({ n: 1 })
    expect(await ask('closing.test')).toEqual({ n: 1 })
    expect(asked).toBe(3)
    expect(await backsOff('closing.test')).toBe(false)
  })

  test('one that drips does not hold up the stop of the server', async () => {
    await serve('for-ever.test', (_, response) => {
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    })
    const stopping = await miniServer(network, 'stopping.test')
    const request = { method: 'GET', target: '/x', timeoutMs: 600_000 } as const
    const asked = stopping.federation.transport.request('for-ever.test', request)
    const failed = expect(asked).rejects.toMatchObject({ kind: 'unreachable' })
    await sleep(200)
    await stopping.close()
    await failed
  })

  test('a certificate for another name', async () => {
    let asked = 0
    await serve('honest.test', () => asked++, 'other.test')
    await expect(ask('honest.test')).rejects.toMatchObject({ kind: 'unreachable' })
    expect(asked).toBe(0)
  })

  test('addresses that are not allowed, by DNS, by literal, and after DNS has changed its mind', async () => {
    const port = await serve('rebinding.test', (_, response) => {
      response.writeHead(200, { connection: 'close' }).end('{}')
    })
    const strict = await miniServer(network, 'strict.test', { config: { ipRangeWhitelist: ['127.0.0.1'] } })
    const request = { method: 'GET', target: '/x' } as const
    const get = (name: string): Promise<unknown> => strict.federation.transport.request(name, request)
    expect(await get('rebinding.test')).toEqual({})
    network.addresses.set('rebinding.test', ['127.0.0.2'])
    await expect(get('rebinding.test')).rejects.toMatchObject({ cause: { name: 'BlockedAddressError' } })
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '0.0.0.0', '127.0.0.2', '::1', '64:ff9b::7f00:2']) {
      const name = `to-${address.replaceAll(/[:.]/g, '-')}.test`
      network.addresses.set(name, [address])
      network.services.set(`_matrix-fed._tcp.${name}`, [{ name, port, priority: 0, weight: 0 }])
      await expect(get(name)).rejects.toMatchObject({ cause: { name: 'BlockedAddressError' } })
    }
    await expect(get(`127.0.0.2:${port}`)).rejects.toMatchObject({ cause: { name: 'BlockedAddressError' } })
    await expect(get(`[::1]:${port}`)).rejects.toMatchObject({ cause: { name: 'BlockedAddressError' } })
    await strict.close()
  })

  test('an IPv4 literal with a port, and a static peer in a blocked range', async () => {
    let host: string | undefined
    const echoHost: Behaviour = (request, response) => {
      host = request.headers.host
      response.end('{}')
    }
    const v4 = await serve('127.0.0.1', echoHost)
    expect(await ask(`127.0.0.1:${v4}`)).toEqual({})
    expect(host).toBe(`127.0.0.1:${v4}`)
    const peer = await serve('peer.test', echoHost)
    network.addresses.delete('peer.test')
    const closed = await miniServer(network, 'static.test', {
      config: { ipRangeWhitelist: [], staticPeers: new Map([['peer.test', `127.0.0.1:${peer}`]]) },
    })
    expect(await closed.federation.transport.request('peer.test', { method: 'GET', target: '/x' })).toEqual(
      {},
    )
    expect(host).toBe('peer.test')
    await closed.close()
  })

  test.skipIf(withoutIpv6)('an IPv6 literal with a port', async () => {
    let host: string | undefined
    const behave: Behaviour = (request, response) => {
      host = request.headers.host
      response.end('{}')
    }
    const port = await serve('[::1]', behave, '[::1]', '::1')
    expect(await ask(`[::1]:${port}`)).toEqual({})
    expect(host).toBe(`[::1]:${port}`)
  })
})
