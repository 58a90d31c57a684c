import type { TrustedKeyServer } from '../../homeserver/config/sections/identity.ts'
import { atMost } from '../../homeserver/turns/at-most.ts'
import type { FederationTransport } from '../client/transport/federation-transport.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import { parseServerAddress } from '../client/discovery/server-address.ts'
import { askNotary } from './ask-notary.ts'
import { concurrencyLimit } from './concurrency-limit.ts'
import { fetchKeys } from './fetch-keys.ts'
import { fetchPause } from './fetch-pause.ts'
import type { KeyCache } from './key-cache.ts'
import { isSatisfied, type KeyRequest, type KnownKeys } from './key-request.ts'
import type { OwnKeys } from './own-keys.ts'
import { isUsableKeyId } from './read-server-keys.ts'

/** A join of a large room asks hundreds of servers, many of them long gone. */
const MAX_FETCHES = 50
const MAX_WAITING_FETCHES = 5_000
/** Whoever needs keys gets what has come by then; the rest arrives in the cache. */
const MAX_WAIT_MS = 30_000

export interface KeyRing {
  /**
   * The keys of servers, from memory, the database, the servers themselves and the trusted notaries, in this order.
   * Never rejects for a server's sake: what could not be found is missing, and what could not be renewed is there
   * with its old validity, which the caller checks.
   *
   * @param options.ignoreBackoff asks servers that are being left alone too: their own request is at hand.
   */
  keysFor(requests: readonly KeyRequest[], options?: { readonly ignoreBackoff?: boolean }): Promise<KnownKeys>
}

export interface KeyRingOptions {
  readonly ownKeys: OwnKeys
  readonly cache: KeyCache
  readonly transport: FederationTransport
  readonly notaries: readonly TrustedKeyServer[]
  readonly log: FederationLog
}

export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { ownKeys, cache, transport, notaries, log } = options
  const pause = fetchPause()
  const limit = concurrencyLimit(MAX_FETCHES, MAX_WAITING_FETCHES)
  const running = new Map<string, Promise<void>>()

  /** One question at a time to one server, whoever asks. */
  const askServer = (server: string, ignoreBackoff: boolean): Promise<void> => {
    let asked = running.get(server)
    if (!asked) {
      asked = limit(async () => cache.store(await fetchKeys(transport, server, ignoreBackoff)))
        .then(() => pause.answered(server))
        .catch((error: unknown) => {
          pause.failed(server)
          log.debug({ server, reason: describe(error) }, 'no keys from the server itself')
        })
        .finally(() => running.delete(server))
      running.set(server, asked)
    }
    return asked
  }

  const unsatisfied = async (requests: readonly KeyRequest[]): Promise<KeyRequest[]> => {
    const known = await cache.known(requests.map(({ server }) => server))
    return requests.filter((request) => !isSatisfied(request, known.get(request.server)))
  }

  const askNotaries = async (requests: readonly KeyRequest[]): Promise<void> => {
    let missing = requests
    for (const notary of notaries) {
      const others = missing.filter(({ server }) => server !== notary.serverName)
      if (others.length === 0) return
      try {
        await cache.store(await limit(() => askNotary(transport, notary, others, log)))
      } catch (error) {
        log.debug({ notary: notary.serverName, reason: describe(error) }, 'no keys from a notary')
      }
      missing = await unsatisfied(others)
    }
  }

  const fetchMissing = async (requests: readonly KeyRequest[], ignoreBackoff: boolean): Promise<void> => {
    const askable = requests.filter(({ server }) => running.has(server) || pause.mayAsk(server))
    await Promise.all(
      [...new Set(askable.map(({ server }) => server))].map((server) => askServer(server, ignoreBackoff)),
    )
    await askNotaries(await unsatisfied(askable))
  }

  return {
    async keysFor(requests, { ignoreBackoff = false } = {}) {
      const sensible = requests.filter(
        ({ server, keyId }) => parseServerAddress(server) && isUsableKeyId(keyId),
      )
      const others = sensible.filter(({ server }) => server !== ownKeys.serverName)
      const missing = await unsatisfied(others)
      if (missing.length > 0) await atMost(MAX_WAIT_MS, fetchMissing(missing, ignoreBackoff))
      const known = new Map(await cache.known(others.map(({ server }) => server)))
      return known.set(ownKeys.serverName, ownKeys.verifyKeys())
    },
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
