import type {
  ClaimedKeys,
  RemoteKeyClaims,
  ServerFailure,
  WantedOneTimeKeys,
} from '../../e2ee/keys/user-keys.ts'
import { MAX_ONE_TIME_KEY_BYTES } from '../../e2ee/keys/key-limits.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { canonicalJson, CanonicalJsonError } from '../../protocol/json/canonical.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { KeyOperations } from '../client/operations/keys.ts'
import { serverFailure } from './server-failure.ts'

/** With some devices each, answers stay well below what servers take at once. */
const MAX_USERS_A_REQUEST = 500

/** Claims keys from other servers, all of them at once: the client waits for the slowest, up to the timeout. */
export function createRemoteKeyClaims(client: Pick<KeyOperations, 'claimUserKeys'>): RemoteKeyClaims {
  return {
    async claim(wanted, timeoutMs): Promise<ClaimedKeys> {
      const users = new Map<string, ReadonlyMap<string, string>>()
      const failures = new Map<string, ServerFailure>()
      await Promise.all(
        requestsOf(wanted).map(async ([server, ofServer]) => {
          try {
            const answer = await client.claimUserKeys(server, ofServer, timeoutMs)
            for (const [userId, keys] of readClaimedKeys(answer, ofServer)) users.set(userId, keys)
          } catch (error) {
            failures.set(server, serverFailure(error))
          }
        }),
      )
      return { users, failures }
    },
  }
}

/** Requests by server: many small ones, so that none is too large for the other side. */
function requestsOf(wanted: WantedOneTimeKeys): [string, WantedOneTimeKeys][] {
  const byServer = Map.groupBy(wanted, ([userId]) => serverOf(userId))
  return [...byServer].flatMap(([server, entries]) => {
    const requests: [string, WantedOneTimeKeys][] = []
    for (let from = 0; from < entries.length; from += MAX_USERS_A_REQUEST) {
      requests.push([server, new Map(entries.slice(from, from + MAX_USERS_A_REQUEST))])
    }
    return requests
  })
}

/** Reads the answer to a claim; what was not asked for, or is not as the specification has it, is left out. */
export function readClaimedKeys(answer: JsonObject, wanted: WantedOneTimeKeys): ClaimedKeys['users'] {
  const given = objectOf(ownValue(answer, 'one_time_keys'))
  const users = new Map<string, ReadonlyMap<string, string>>()
  for (const [userId, devices] of wanted) {
    const ofUser = objectOf(ownValue(given, userId))
    const keys = [...devices].flatMap(([deviceId, algorithm]) => {
      const text = keyText(objectOf(ownValue(ofUser, deviceId)), algorithm)
      return text === undefined ? [] : [[deviceId, text] as const]
    })
    if (keys.length > 0) users.set(userId, new Map(keys))
  }
  return users
}

function keyText(keys: JsonObject, algorithm: string): string | undefined {
  const found = Object.entries(keys).find(([id]) => id.startsWith(`${algorithm}:`))
  if (!found || (typeof found[1] !== 'string' && !isJsonObject(found[1]))) return undefined
  try {
    const text = canonicalJson({ [found[0]]: found[1] })
    return text.length > MAX_ONE_TIME_KEY_BYTES ? undefined : text
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined
    throw error
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
