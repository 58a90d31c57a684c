import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseXMatrix } from '../../federation/inbound/x-matrix-header.ts'
import { requestSigningText } from '../../federation/keys/request-signature.ts'
import {
  createSeed,
  createSigningKey,
  publicKeyFromBase64,
  signText,
  verifyText,
} from '../../protocol/crypto/ed25519.ts'
import { canonicalJson } from '../../protocol/json/canonical.ts'
import type { JsonObject } from '../../protocol/json/value.ts'

/** What users of homeservers show it. */
export const IDENTITY_TOKEN = 'token for the identity server'

interface KeptInvite {
  readonly token: string
  readonly details: Readonly<Record<string, unknown>>
}

/** An identity server over HTTP, as far as invites and published addresses need one (identity service API). */
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
  /** How it answers requests to take something back: in earnest, or with this status. */
  unbinds: 'in earnest' | number
  /** The homeserver whose signed requests it takes. */
  homeserverUrl: string
  /** Whose an address is. */
  boundTo(address: string): string | undefined
  /** A session that has proved an address, and its client secret. */
  prove(address: string): { sid: string; client_secret: string }
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
  const proved = new Map<string, { address: string; clientSecret: string }>()
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
    if (path.pathname.endsWith('/3pid/unbind')) return unbind(request, path)
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
      case '3pid/bind': {
        const session = proved.get(String(body['sid']))
        if (session?.clientSecret !== body['client_secret']) {
          return { status: 404, body: { errcode: 'M_NO_VALID_SESSION', error: 'No' } }
        }
        bindings.set(session!.address, String(body['mxid']))
        return { status: 200, body: { medium: 'email', address: session!.address, mxid: body['mxid'] } }
      }
      default:
        return { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'No' } }
    }
  }

  const unbind = async (request: IncomingMessage, { pathname }: URL) => {
    const body = await bodyOf(request)
    if (world.unbinds !== 'in earnest') return { status: world.unbinds, body: {} }
    const { authorization } = request.headers
    if (!(await isSigned(world.homeserverUrl, name, { authorization, uri: pathname, body }))) {
      return { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'Who is there?' } }
    }
    const { address } = body['threepid'] as { address: string }
    if (bindings.get(address) === body['mxid']) bindings.delete(address)
    return { status: 200, body: {} }
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
    unbinds: 'in earnest',
    homeserverUrl: '',
    boundTo: (address) => bindings.get(address),
    prove(address) {
      const session = { sid: randomBytes(8).toString('hex'), client_secret: randomBytes(8).toString('hex') }
      proved.set(session.sid, { address, clientSecret: session.client_secret })
      return session
    },
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

/** Whether a request has a signature of the keys that a homeserver publishes. */
async function isSigned(
  homeserverUrl: string,
  destination: string,
  { authorization, uri, body }: { authorization: string | undefined; uri: string; body: object },
): Promise<boolean> {
  const header = parseXMatrix(authorization ?? '')
  if (header?.destination !== destination) return false
  const published = (await (await fetch(`${homeserverUrl}/_matrix/key/v2/server`)).json()) as {
    verify_keys: Record<string, { key: string }>
  }
  const key = publicKeyFromBase64(published.verify_keys[header.keyId]!.key)
  const content = canonicalJson(body as JsonObject)
  const text = requestSigningText({ method: 'POST', uri, origin: header.origin, destination, content })
  return key !== undefined && verifyText(text, header.signature, key)
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}
