import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createApplication } from '../../../homeserver/http/application.ts'
import { RouteTable } from '../../../homeserver/http/route-table.ts'
import { createSeed, createSigningKey, verifyText } from '../../../protocol/crypto/ed25519.ts'
import { createOwnKeys } from '../../keys/own-keys.ts'
import { serverKeyRoutes } from './server-keys.ts'

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

test('what is left of the answer without its signatures is the text that was signed', async () => {
  const key = createSigningKey(createSeed(), 'test')
  const ownKeys = createOwnKeys({
    serverName: 'here.test',
    signingKeys: [key],
    oldKeys: new Map(),
    refreshIntervalMs: 86_400_000,
  })
  const listener = createApplication(new RouteTable([serverKeyRoutes(ownKeys)]), { log: LOG }).listen(0)
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const text = await (await fetch(`http://127.0.0.1:${port}/_matrix/key/v2/server`)).text()
  listener.close()
  const [, signature] = /"signatures":\{"here\.test":\{"ed25519:test":"([^"]+)"\}\},/.exec(text) ?? []
  const signed = text.replace(/"signatures":\{[^}]+\}\},/, '')
  expect(verifyText(signed, signature ?? '', key.publicKey)).toBe(true)
})
