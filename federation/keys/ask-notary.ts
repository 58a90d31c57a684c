import type { KeyObject } from 'node:crypto'
import { publicKeyFromBase64 } from '../../protocol/crypto/ed25519.ts'
import { signingKeyIds, verifySignedJson } from '../../protocol/events/verify.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { TrustedKeyServer } from '../../homeserver/config/sections/identity.ts'
import type { StoredServerKey } from '../../storage/federation/server-keys.ts'
import type { FederationTransport } from '../client/transport/federation-transport.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import { fetchKeys } from './fetch-keys.ts'
import type { KeyRequest } from './key-request.ts'
import { BadServerKeysError, readServerKeys } from './read-server-keys.ts'

/** Servers in one question; a notary asks each of them before it answers. */
const SERVERS_PER_QUESTION = 50
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
/** Longer than for other requests: the notary has look-ups of its own to make. */
const TIMEOUT_MS = 25_000

/**
 * Asks a notary for keys that their servers did not give (`POST /_matrix/key/v2/query`). What it answers counts
 * when the notary has signed it and the server whose keys they are has as well.
 *
 * @throws FederationRequestError, BadServerKeysError when the notary itself cannot be asked or known.
 */
export async function askNotary(
  transport: FederationTransport,
  notary: TrustedKeyServer,
  requests: readonly KeyRequest[],
  log: FederationLog,
): Promise<StoredServerKey[]> {
  const notaryKeys = await keysOfNotary(transport, notary)
  const byServer = Map.groupBy(requests, ({ server }) => server)
  const servers = [...byServer.keys()]
  const found: StoredServerKey[] = []
  for (let start = 0; start < servers.length; start += SERVERS_PER_QUESTION) {
    const asked = new Set(servers.slice(start, start + SERVERS_PER_QUESTION))
    const answer = await transport.request(notary.serverName, {
      method: 'POST',
      target: '/_matrix/key/v2/query',
      body: {
        server_keys: Object.fromEntries([...asked].map((name) => [name, criteria(byServer.get(name) ?? [])])),
      },
      signed: false,
      timeoutMs: TIMEOUT_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    })
    found.push(...readAnswer(answer, asked, notary, notaryKeys, log))
  }
  return found
}

function criteria(requests: readonly KeyRequest[]): JsonObject {
  return Object.fromEntries(
    requests.map(({ keyId, minimumValidUntil }) => [keyId, { minimum_valid_until_ts: minimumValidUntil }]),
  )
}

function readAnswer(
  answer: JsonObject,
  asked: ReadonlySet<string>,
  notary: TrustedKeyServer,
  notaryKeys: ReadonlyMap<string, KeyObject>,
  log: FederationLog,
): StoredServerKey[] {
  const statements = ownValue(answer, 'server_keys')
  if (!Array.isArray(statements))
    throw new BadServerKeysError(notary.serverName, 'its answer has no server_keys')
  return statements.flatMap((statement) => {
    if (!isJsonObject(statement)) return []
    const serverName = ownValue(statement, 'server_name')
    if (typeof serverName !== 'string' || !asked.has(serverName)) return []
    if (!isSignedByNotary(statement, notary.serverName, notaryKeys)) return []
    try {
      return readServerKeys(statement, serverName, false, Date.now())
    } catch (error) {
      if (!(error instanceof BadServerKeysError)) throw error
      log.debug({ notary: notary.serverName, reason: error.message }, 'a notary passed on bad keys')
      return []
    }
  })
}

function isSignedByNotary(
  statement: JsonObject,
  notary: string,
  notaryKeys: ReadonlyMap<string, KeyObject>,
): boolean {
  return signingKeyIds(statement, notary).some((keyId) => {
    const publicKey = notaryKeys.get(keyId)
    return publicKey !== undefined && verifySignedJson(statement, notary, keyId, publicKey)
  })
}

/** The notary's keys: those of the configuration, or else those that it publishes over TLS. */
async function keysOfNotary(
  transport: FederationTransport,
  notary: TrustedKeyServer,
): Promise<Map<string, KeyObject>> {
  const keys = new Map<string, KeyObject>()
  const configured = notary.verifyKeys ?? new Map<string, string>()
  for (const [keyId, text] of configured) {
    const publicKey = publicKeyFromBase64(text)
    if (publicKey) keys.set(keyId, publicKey)
  }
  if (configured.size > 0) return keys
  for (const { keyId, publicKey, expiredTs } of await fetchKeys(transport, notary.serverName, false)) {
    const key = expiredTs === null ? publicKeyFromBase64(publicKey.toString('base64')) : undefined
    if (key) keys.set(keyId, key)
  }
  return keys
}
