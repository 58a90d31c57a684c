import { Client } from 'undici'
import { JsonSyntaxError, parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import { readBounded } from '../../../homeserver/outgoing/read-bounded.ts'
import type { Dial } from '../transport/dial.ts'
import { cacheLifetime } from './cache-lifetime.ts'

const PATH = '/.well-known/matrix/server'
const HTTPS_PORT = 443
/** A few dozen bytes are needed; the rest is room for comments and signatures of others. */
const MAX_ANSWER_BYTES = 50 * 1024
/** Redirects from the bare domain to `www` and to a hosting company are usual; longer chains are loops. */
const MAX_REDIRECTS = 5
/** Every request of every user to that server waits for this. */
const TIMEOUT_MS = 15_000
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What a host's `/.well-known/matrix/server` says. */
export interface WellKnownAnswer {
  /** The value of `m.server`, its grammar not yet checked; undefined when the host does not delegate. */
  readonly delegate: string | undefined
  /** Milliseconds for which the answer may be kept. */
  readonly lifetimeMs: number
}

/** Thrown when the host could not be asked, or answered with something that is no delegation. */
export class NoWellKnownError extends Error {
  /** The host itself answered that there is none, rather than being out of reach. */
  readonly final: boolean

  constructor(host: string, reason: string, final: boolean) {
    super(`${host} publishes no delegation: ${reason}`)
    this.name = 'NoWellKnownError'
    this.final = final
  }
}

const FIRST_SERVER_ERROR = 500

/**
 * Asks a host for its delegation (server-server API, "Resolving server names", step 3). Every hop of a redirect
 * is a connection of its own whose address is checked.
 *
 * @param host a DNS name.
 * @throws NoWellKnownError for every kind of failure: discovery then goes on without.
 */
export async function fetchWellKnown(dial: Dial, host: string, now: number): Promise<WellKnownAnswer> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS)
  let url = new URL(`https://${host}${PATH}`)
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const next = await fetchHop(dial, host, url, deadline, now).catch((error: unknown) => {
      throw error instanceof NoWellKnownError
        ? error
        : new NoWellKnownError(host, describe(error), error instanceof JsonSyntaxError)
    })
    if (!(next instanceof URL)) return next
    url = next
  }
  throw new NoWellKnownError(host, `more than ${MAX_REDIRECTS} redirects`, true)
}

async function fetchHop(
  dial: Dial,
  host: string,
  url: URL,
  signal: AbortSignal,
  now: number,
): Promise<URL | WellKnownAnswer> {
  const client = connectTo(dial, url)
  try {
    const { statusCode, headers, body } = await client.request({
      method: 'GET',
      path: url.pathname + url.search,
      headers: { host: url.host, accept: 'application/json' },
      signal,
    })
    const header = (name: string): string | undefined => {
      const value = headers[name]
      return Array.isArray(value) ? value[0] : value
    }
    if (REDIRECTS.has(statusCode)) return redirectTarget(host, url, header('location'))
    if (statusCode !== 200)
      throw new NoWellKnownError(host, `status ${statusCode}`, statusCode < FIRST_SERVER_ERROR)
    const answer = parseJson(await readBounded(body, MAX_ANSWER_BYTES))
    const delegate = isJsonObject(answer) ? ownValue(answer, 'm.server') : undefined
    if (typeof delegate !== 'string') throw new NoWellKnownError(host, 'it has no m.server', true)
    return { delegate, lifetimeMs: cacheLifetime(header, now) }
  } finally {
    await client.destroy().catch(() => undefined)
  }
}

function redirectTarget(host: string, from: URL, location: string | undefined): URL {
  const target = location === undefined ? null : URL.parse(location, from.href)
  if (target?.protocol !== 'https:')
    throw new NoWellKnownError(host, 'it redirects to something else than HTTPS', true)
  if (target.username !== '' || target.password !== '') {
    throw new NoWellKnownError(host, 'it redirects to an address with credentials', true)
  }
  return target
}

function connectTo(dial: Dial, url: URL): Client {
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? HTTPS_PORT : Number(url.port)
  return new Client('https://well-known.invalid', {
    connect: (_options, callback) => {
      dial({
        endpoints: [{ host: hostname, port }],
        hostHeader: url.host,
        certificateName: hostname,
        configured: false,
      }).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      )
    },
    allowH2: false,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  })
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
