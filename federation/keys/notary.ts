import { signJson } from '../../protocol/events/sign.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json/value.ts'
import type { Queries } from '../../storage/database.ts'
import { serverKeysOf, type StoredServerKey } from '../../storage/federation/server-keys.ts'
import { parseServerAddress } from '../client/discovery/server-address.ts'
import type { KeyRequest } from './key-request.ts'
import type { KeyRing } from './key-ring.ts'
import type { OwnKeys } from './own-keys.ts'

/** What is asked about one server. */
export interface NotaryQuestion {
  readonly server: string
  /** Key ids with the time until which each should be valid, in milliseconds since the epoch. Empty asks for all. */
  readonly keyIds: ReadonlyMap<string, number>
  /** The time for a question without key ids. */
  readonly minimumValidUntil: number
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
        questions.filter(({ keyIds }) => keyIds.size === 0).map(({ server }) => server),
      ),
      ({ serverName }) => serverName,
    )
    const requests = questions.flatMap(({ server, keyIds, minimumValidUntil }): KeyRequest[] => {
      if (keyIds.size > 0)
        return [...keyIds].map(([keyId, until]) => ({ server, keyId, minimumValidUntil: until }))
      const current = (stored.get(server) ?? []).filter(({ expiredTs }) => expiredTs === null)
      const fresh = current.some(({ validUntilTs }) => validUntilTs >= minimumValidUntil)
      return fresh ? [] : [{ server, keyId: ANY_KEY, minimumValidUntil }]
    })
    await keyRing.keysFor(requests)
  }

  return {
    async answer(questions) {
      const ours = questions.some(({ server }) => server === ownKeys.serverName) ? [ownKeys.published()] : []
      const others = questions.filter(
        ({ server }) => server !== ownKeys.serverName && parseServerAddress(server),
      )
      await refresh(others)
      const stored = await serverKeysOf(queries, [...new Set(others.map(({ server }) => server))])
      const wanted = new Map(others.map(({ server, keyIds }) => [server, keyIds]))
      const chosen = stored.filter(({ serverName, keyId }) => {
        const keyIds = wanted.get(serverName)
        return keyIds !== undefined && (keyIds.size === 0 || keyIds.has(keyId))
      })
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
