import { publicKeyFromBase64, signText, type SigningKey } from '../../protocol/crypto/ed25519.ts'
import { signJson, type Signer } from '../../protocol/events/sign.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { RequestSigner } from '../client/transport/signed-headers.ts'
import { MAX_VALIDITY_MS, type VerifyKey } from './verify-key.ts'

/** Others must not be given keys that expire within the hour (server-server API, `GET /_matrix/key/v2/server`). */
const MIN_PUBLISHED_VALIDITY_MS = 2 * 3_600_000

/** A key that this server has signed with before. */
export interface OldSigningKey {
  /** Unpadded base64. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly expiredTs: number
}

/** The keys of this server: the first one signs, all are published. */
export interface OwnKeys extends RequestSigner {
  /** For events and other JSON. */
  readonly signer: Signer
  /** The signed statement that `GET /_matrix/key/v2/server` answers with, fresh enough to be given out. */
  published(): JsonObject
  /** By key id, for checking what we have signed ourselves. */
  verifyKeys(): ReadonlyMap<string, VerifyKey>
}

export interface OwnKeysOptions {
  readonly serverName: string
  /** The current one first. */
  readonly signingKeys: readonly [SigningKey, ...SigningKey[]]
  /** By key id. */
  readonly oldKeys: ReadonlyMap<string, OldSigningKey>
  /** For how long others may keep what we publish, in milliseconds. */
  readonly refreshIntervalMs: number
}

/** @throws Error when an old key is not 32 bytes of base64. */
export function createOwnKeys(options: OwnKeysOptions, clock: () => number = Date.now): OwnKeys {
  const { serverName, signingKeys } = options
  const [current] = signingKeys
  const validityMs = Math.min(Math.max(options.refreshIntervalMs, MIN_PUBLISHED_VALIDITY_MS), MAX_VALIDITY_MS)
  const verifyKeys = publicKeys(options)
  let published: { readonly statement: JsonObject; readonly renewAt: number } | undefined

  return {
    serverName,
    signer: { serverName, keyId: current.keyId, privateKey: current.privateKey },
    sign: (text) => ({ keyId: current.keyId, signature: signText(text, current.privateKey) }),
    verifyKeys: () => verifyKeys,
    published() {
      const now = clock()
      if (!published || now >= published.renewAt) {
        published = { statement: statement(options, now + validityMs), renewAt: now + validityMs / 2 }
      }
      return published.statement
    },
  }
}

function publicKeys({ signingKeys, oldKeys }: OwnKeysOptions): Map<string, VerifyKey> {
  const keys = new Map<string, VerifyKey>()
  for (const [keyId, { key, expiredTs }] of oldKeys) {
    const publicKey = publicKeyFromBase64(key)
    if (!publicKey) throw new Error(`The old signing key ${keyId} is not 32 bytes of base64.`)
    keys.set(keyId, { publicKey, validUntilTs: expiredTs, expiredTs })
  }
  for (const { keyId, publicKey } of signingKeys) {
    keys.set(keyId, { publicKey, validUntilTs: Number.MAX_SAFE_INTEGER, expiredTs: null })
  }
  return keys
}

function statement({ serverName, signingKeys, oldKeys }: OwnKeysOptions, validUntilTs: number): JsonObject {
  const current = new Set(signingKeys.map(({ keyId }) => keyId))
  const retired = [...oldKeys].filter(([keyId]) => !current.has(keyId))
  const unsigned: JsonObject = {
    server_name: serverName,
    valid_until_ts: validUntilTs,
    verify_keys: Object.fromEntries(signingKeys.map((key) => [key.keyId, { key: key.publicKeyBase64 }])),
    old_verify_keys: Object.fromEntries(
      retired.map(([keyId, { key, expiredTs }]) => [keyId, { key, expired_ts: expiredTs }]),
    ),
  }
  return signingKeys.reduce<JsonObject>(
    (signed, { keyId, privateKey }) => signJson(signed, { serverName, keyId, privateKey }),
    unsigned,
  )
}
