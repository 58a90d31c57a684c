const HOUR_MS = 3_600_000

/** The specification's recommendations for `/.well-known/matrix/server` ("Resolving server names", step 3). */
export const DEFAULT_LIFETIME_MS = 24 * HOUR_MS
export const MAX_LIFETIME_MS = 48 * HOUR_MS
export const MAX_ERROR_LIFETIME_MS = HOUR_MS
/** An answer that forbids caching is still kept this long, or each request would fetch it anew. */
export const MIN_LIFETIME_MS = 5 * 60_000
/** The first failure is looked at again soon: a server that has just been set up should not wait an hour. */
const FIRST_ERROR_LIFETIME_MS = 60_000

/**
 * How long a successful answer may be kept, in milliseconds, by its `Cache-Control` and `Expires` headers.
 *
 * @param header the value of a header by its lower-case name.
 * @param now milliseconds since the epoch.
 */
export function cacheLifetime(header: (name: string) => string | undefined, now: number): number {
  return Math.min(Math.max(statedLifetime(header, now), MIN_LIFETIME_MS), MAX_LIFETIME_MS)
}

function statedLifetime(header: (name: string) => string | undefined, now: number): number {
  const directives = (header('cache-control') ?? '').toLowerCase().split(',')
  for (const directive of directives) {
    const [name, value = ''] = directive.split('=').map((part) => part.trim())
    if (name === 'no-store' || name === 'no-cache') return 0
    if (name === 'max-age' && /^"?\d{1,15}"?$/.test(value)) return Number(value.replaceAll('"', '')) * 1000
  }
  const expires = header('expires')
  if (expires === undefined) return DEFAULT_LIFETIME_MS
  // An unreadable date, such as `0`, means already expired (RFC 9111, 5.3).
  const date = Date.parse(expires)
  return Number.isNaN(date) ? 0 : date - now
}

/** How long a failure is kept, doubling with each failure in a row, in milliseconds. */
export function errorLifetime(failuresInARow: number): number {
  return Math.min(FIRST_ERROR_LIFETIME_MS * 2 ** Math.min(failuresInARow - 1, 16), MAX_ERROR_LIFETIME_MS)
}
