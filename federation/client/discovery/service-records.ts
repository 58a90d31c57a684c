import type { SrvRecord } from 'node:dns'
import { LRUCache } from 'lru-cache'
import type { NameResolver } from '../../../homeserver/outgoing/addresses/name-resolver.ts'
import type { Endpoint } from './resolved-server.ts'

/** Node's DNS client does not tell the time to live of SRV records; this is a common one. */
const FOUND_MS = 5 * 60_000
/** An absent record is asked for again about as often, and an unreachable DNS sooner. */
const FAILED_MS = 60_000
const MAX_CACHED_NAMES = 10_000
/** Places to try; more only make a dead server take longer. */
const MAX_ENDPOINTS = 8

/**
 * The order in which RFC 2782 wants records tried: by priority, and by chance in proportion to the weights within
 * one. A single record for the root name says that the service is not there.
 *
 * @param random a number from 0 up to 1, like `Math.random`.
 */
export function orderRecords(records: readonly SrvRecord[], random: () => number): Endpoint[] {
  const left = records.filter(({ name }) => name !== '' && name !== '.')
  const ordered: Endpoint[] = []
  while (left.length > 0 && ordered.length < MAX_ENDPOINTS) {
    const priority = Math.min(...left.map((record) => record.priority))
    const candidates = left.filter((record) => record.priority === priority)
    const total = candidates.reduce((sum, record) => sum + record.weight, 0)
    let ticket = random() * total
    const chosen = candidates.find((record) => (ticket -= record.weight) < 0) ?? candidates[0]
    if (!chosen) break
    left.splice(left.indexOf(chosen), 1)
    ordered.push({ host: chosen.name.replace(/\.$/, ''), port: chosen.port })
  }
  return ordered
}

/**
 * Finds a host's federation service by SRV records: `_matrix-fed._tcp`, then the deprecated `_matrix._tcp` (steps
 * 3.3, 3.4, 4 and 5). A DNS that cannot be asked counts as one that has no records: the next step demands the same
 * certificate, so the worst that a forged failure does is a wrong port.
 */
export function serviceRecords(
  resolver: NameResolver,
  random: () => number = Math.random,
): (host: string) => Promise<readonly Endpoint[]> {
  const cache = new LRUCache<string, readonly SrvRecord[]>({ max: MAX_CACHED_NAMES })

  const records = async (name: string): Promise<readonly SrvRecord[]> => {
    const known = cache.get(name)
    if (known) return known
    try {
      const found = await resolver.services(name)
      cache.set(name, found, { ttl: FOUND_MS })
      return found
    } catch {
      cache.set(name, [], { ttl: FAILED_MS })
      return []
    }
  }

  return async (host) => {
    const [registered, deprecated] = await Promise.all([
      records(`_matrix-fed._tcp.${host}`),
      records(`_matrix._tcp.${host}`),
    ])
    return orderRecords(registered.length > 0 ? registered : deprecated, random)
  }
}
