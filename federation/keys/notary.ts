import { signJson } from '../../protocol/events/sign.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json/value.ts'
import type { Queries } from '../../storage/database.ts'
import { serverKeysOf, type StoredServerKey } from '../../storage/federation/server-keys.ts'
import type { KeyRequest } from './key-request.ts'
import type { KeyRing } from './key-ring.ts'
import type { OwnKeys } from './own-keys.ts'

/** What is asked about one server. */
export interface NotaryQuestion {
  readonly server: string
  /** Empty asks for all keys. */
  readonly keyIds: readonly { readonly keyId: string; readonly minimumValidUntil: number }[]
}

/** Answers for other servers' keys, with our signature beside theirs. */
export interface Notary {
  /** @returns signed statements; a server of which nothing is known has none. Old ones when there are no better. */
  answer(questions: readonly NotaryQuestion[]): Promise<JsonObject[]>
}

/** Asks the key ring for a key that no server has: a way to say "whatever there is, but fresh". */
const ANY_KEY = 'ed25519:any'

export function createNotary(ownKeys: OwnKeys, keyRing: KeyRing, queries: Queries): Notary {
  const refresh = async (questions: readonly NotaryQuestion[]): Promise<void> => {
    const stored = Map.groupBy(
      await serverKeysOf(
        queries,
        questions.filter(({ keyIds }) => keyIds.length === 0).map(({ server }) => server),
      ),
      ({ serverName }) => serverName,
    )
    const now = Date.now()
    const requests = questions.flatMap(({ server, keyIds }): KeyRequest[] => {
      if (keyIds.length > 0) return keyIds.map((key) => ({ server, ...key }))
      const current = (stored.get(server) ?? []).filter(({ expiredTs }) => expiredTs === null)
      const fresh = current.some(({ validUntilTs }) => validUntilTs >= now)
      return fresh ? [] : [{ server, keyId: ANY_KEY, minimumValidUntil: now }]
    })
    await keyRing.keysFor(requests)
  }

  return {
    async answer(questions) {
      const others = questions.filter(({ server }) => server !== ownKeys.serverName)
      await refresh(others)
      const stored = await serverKeysOf(queries, [...new Set(others.map(({ server }) => server))])
      const wanted = new Map(
        others.map(({ server, keyIds }) => [server, new Set(keyIds.map(({ keyId }) => keyId))]),
      )
      const chosen = stored.filter(({ serverName, keyId }) => {
        const keyIds = wanted.get(serverName)
        return keyIds !== undefined && (keyIds.size === 0 || keyIds.has(keyId))
      })
      const ours = others.length < questions.length ? [ownKeys.published()] : []
      return [
        ...ours,
        ...statements(chosen).map((statement) => signJson(statement, ownKeys.signer, { strict: false })),
      ]
    },
  }
}

/** The statements that the keys came from, each once. */
function statements(keys: readonly StoredServerKey[]): JsonObject[] {
  const texts = new Set(keys.map(({ response }) => response.toString()))
  return [...texts].map((text) => parseJson(text)).filter((statement) => isJsonObject(statement))
}
