import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSeed, createSigningKey, signText } from '../../protocol/crypto/ed25519.ts'
import { canonicalJson } from '../../protocol/json/canonical.ts'
import type { JsonObject } from '../../protocol/json/value.ts'

/** What users of homeservers show it. */
export const IDENTITY_TOKEN = 'token for the identity server'

interface KeptInvite {
  readonly token: string
  readonly details: Readonly<Record<string, unknown>>
}

/** An identity server over HTTP, as far as invites need one (identity service API). */
export interface TestIdentityServer {
  /** Its host and port. */
  readonly name: string
  readonly url: string
  /** What homeservers asked it, by path. */
  readonly asked: string[]
  /** What `store-invite` was told, in order. */
  readonly kept: readonly KeptInvite[]
  /** Whether it says that its keys are valid. */
  keysAreValid: boolean
  /** Binds an address and tells the user's homeserver of the invites that wait. @returns the answer's status. */
  bind(address: string, userId: string, homeserver: string): Promise<number>
  /** The notification of `bind` without its sending. @param signWith another key for the proofs. */
  notification(address: string, userId: string, signWith?: ReturnType<typeof newKey>): JsonObject
  close(): Promise<void>
}

const newKey = () => createSigningKey(createSeed(), '0')

export async function startIdentityServer(): Promise<TestIdentityServer> {
  const key = newKey()
  const pepper = 'pepper'
  const bindings = new Map<string, string>()
  const kept: KeptInvite[] = []
  const asked: string[] = []
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const name = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `http://${name}`
  const keyUrl = `${url}/_matrix/identity/v2/pubkey/isvalid`

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: object }> => {
    const path = new URL(request.url!, url)
    asked.push(path.pathname.replace('/_matrix/identity/v2/', ''))
    if (path.pathname.endsWith('/pubkey/isvalid')) return { status: 200, body: { valid: world.keysAreValid } }
    if (request.headers.authorization !== `Bearer ${IDENTITY_TOKEN}`) {
      return { status: 401, body: { errcode: 'M_UNAUTHORIZED', error: 'Who is there?' } }
    }
    const body = await bodyOf(request)
    switch (path.pathname.replace('/_matrix/identity/v2/', '')) {
      case 'hash_details':
        return { status: 200, body: { lookup_pepper: pepper, algorithms: ['none', 'sha256'] } }
      case 'lookup': {
        const known = [...bindings].map(([address, userId]) => [hashOf(`${address} email ${pepper}`), userId])
        const wanted = body['addresses'] as string[]
        const mappings = Object.fromEntries(known.filter(([hash]) => wanted.includes(hash!)))
        return { status: 200, body: { mappings } }
      }
      case 'store-invite': {
        const token = randomBytes(12).toString('hex')
        kept.push({ token, details: body })
        const publicKeys = [{ public_key: key.publicKeyBase64, key_validity_url: keyUrl }]
        return { status: 200, body: { token, public_keys: publicKeys, display_name: 'b...@e...' } }
      }
      default:
        return { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'No' } }
    }
  }

  const notification: TestIdentityServer['notification'] = (address, userId, signWith = key) => {
    const waiting = kept.filter(({ details }) => details['address'] === address)
    const invites = waiting.map(({ token, details }) => {
      const proof = { mxid: userId, token }
      const signatures = { [name]: { 'ed25519:0': signText(canonicalJson(proof), signWith.privateKey) } }
      return {
        medium: 'email',
        address,
        mxid: userId,
        room_id: String(details['room_id']),
        sender: String(details['sender']),
        signed: { ...proof, signatures },
      }
    })
    return { medium: 'email', address, mxid: userId, invites }
  }

  const world: TestIdentityServer = {
    name,
    url,
    asked,
    kept,
    keysAreValid: true,
    notification,
    async bind(address, userId, homeserver) {
      bindings.set(address, userId)
      const body = JSON.stringify(notification(address, userId))
      return (await fetch(`${homeserver}/_matrix/federation/v1/3pid/onbind`, { method: 'PUT', body })).status
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return world
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}
