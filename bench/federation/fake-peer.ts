import { createServer, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { signedHeaders } from '../../federation/client/transport/signed-headers.ts'
import { createOwnKeys } from '../../federation/keys/own-keys.ts'
import type { JoiningPeer } from '../../federation/test-support/peer-room.ts'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import type { JsonObject, JsonValue } from '../../protocol/json/value.ts'
import type { PrivateAuthority } from '../../spec-tests/support/private-authority.ts'

const KEY_LIFE_MS = 86_400_000

/** A server of no rooms: it tells its keys, takes every transaction, and asks what the bench has it ask. */
export interface FakePeer extends JoiningPeer {
  readonly port: number
  close(): Promise<void>
}

/** Starts one that asks `destination`, which listens for servers on a port of loopback. */
export async function startFakePeer(
  authority: PrivateAuthority,
  serverName: string,
  destination: { readonly serverName: string; port(): number },
): Promise<FakePeer> {
  const key = createSigningKey(createSeed(), 'bench')
  const ownKeys = createOwnKeys({
    serverName,
    signingKeys: [key],
    oldKeys: new Map(),
    refreshIntervalMs: KEY_LIFE_MS,
  })
  const { certificate, privateKey } = await authority.issue(serverName)
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json')
      const isKeys = request.url?.startsWith('/_matrix/key/v2/server') === true
      response.end(JSON.stringify(isKeys ? ownKeys.published() : { pdus: {} }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const request: FakePeer['request'] = (method, target, body) =>
    new Promise((resolve, reject) => {
      const wire = signedHeaders(ownKeys, destination.serverName, { method, target, ...(body && { body }) })
      const options = { method, path: target, host: '127.0.0.1', port: destination.port() }
      const asked = httpsRequest(
        { ...options, rejectUnauthorized: false, headers: { ...wire.headers, host: destination.serverName } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const answer = JSON.parse(Buffer.concat(chunks).toString()) as JsonValue
            const errcode = String((answer as JsonObject)['errcode'] ?? '')
            resolve({ status: response.statusCode ?? 0, errcode, body: answer })
          })
        },
      )
      asked.on('error', reject)
      asked.end(wire.body)
    })
  return {
    serverName,
    server: { ownKeys },
    port: (server.address() as AddressInfo).port,
    request,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
