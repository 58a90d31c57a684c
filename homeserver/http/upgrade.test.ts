import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPrivateAuthority } from '../../spec-tests/support/private-authority.ts'
import { json } from './answer.ts'
import { anybody, declareRoutes, endpoint } from './endpoint.ts'
import { createListener, type Listener } from './listener.ts'
import type { UpgradeHandler } from './upgrade.ts'

const ignore = (): void => undefined
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
/** Says who came, and ends. */
const upgrades: UpgradeHandler = {
  path: '/live',
  upgrade: (_message, socket, _head, address) => void socket.end(`HTTP/1.1 101 from ${address}\r\n\r\n`),
}

let plain: Listener
let secure: Listener
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meridian-upgrade-'))
  const authority = await createPrivateAuthority(join(directory, 'authority.crt'))
  const { certificate, privateKey } = await authority.issue('here.test')
  const routes = declareRoutes().get(
    '/other',
    endpoint(anybody, () => json({})),
  )
  const options = { port: 0, host: '127.0.0.1', log, upgrades, trustForwarded: { from: 'anybody' } as const }
  plain = await createListener([routes], options)
  secure = await createListener([routes], { ...options, tls: { cert: certificate, key: privateKey } })
})
afterAll(async () => {
  await Promise.all([plain.close(), secure.close()])
  await rm(directory, { recursive: true, force: true })
})

async function statusLine(socket: Duplex, target: string, protocol: string): Promise<string> {
  const head = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`
  socket.write(`${head}X-Forwarded-For: 203.0.113.9\r\n\r\n`)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return chunk.toString('latin1').split('\r\n')[0]!
}

it('hands a WebSocket over with its address, with and without TLS', async () => {
  for (const target of ['/live', '/live?x=1']) {
    const overTcp = connectPlain(plain.port, '127.0.0.1')
    expect(await statusLine(overTcp, target, 'websocket')).toBe('HTTP/1.1 101 from 203.0.113.9')
  }
  const overTls = connectTls({ port: secure.port, host: '127.0.0.1', rejectUnauthorized: false })
  expect(await statusLine(overTls, '/live', 'WebSocket')).toBe('HTTP/1.1 101 from 203.0.113.9')
})

it.each([
  ['/other', 'h2c', 200],
  ['/other', 'websocket', 200],
  ['/live', 'h2c', 404],
  ['/nothing', 'websocket', 404],
])('answers %s with Upgrade: %s as any request', async (target, protocol, status) => {
  expect(await statusLine(connectPlain(plain.port, '127.0.0.1'), target, protocol)).toContain(` ${status} `)
})
