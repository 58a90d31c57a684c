import { isIP } from 'node:net'
import { Agent, buildConnector } from 'undici'
import type { AddressRules } from './addresses/address-rules.ts'
import type { NameResolver } from './addresses/name-resolver.ts'

/** One attempt at one address, TLS handshake included; the next address is tried after it. */
const ATTEMPT_TIMEOUT_MS = 8_000
/** Shorter than the 75 s after which common reverse proxies close, so that we seldom write into a closed one. */
const KEEP_ALIVE_MS = 60_000

/** Headers of an answer, far more than any server sends; the connection is closed beyond. */
const MAX_HEADER_BYTES = 16 * 1024

/** Where a request may go, and with how much effort. */
export interface GuardedAgentOptions {
  readonly resolver: NameResolver
  readonly rules: AddressRules
  /** Requests to one origin at a time; further ones wait. */
  readonly connectionsPerOrigin: number
}

/** A host whose addresses are all refused by the rules. */
export class ForbiddenAddressError extends Error {
  constructor(host: string) {
    super(`${host} has no address that requests may go to`)
    this.name = 'ForbiddenAddressError'
  }
}

/**
 * Connections for requests to addresses that users name. The host is looked up, its addresses are checked and one of
 * them is connected to in one go: between a check and a later look-up, DNS could have changed its mind. It follows no
 * redirect by itself, and every hop that a caller follows is checked again.
 */
export function guardedAgent({ resolver, rules, connectionsPerOrigin }: GuardedAgentOptions): Agent {
  const connectTo = buildConnector({ timeout: ATTEMPT_TIMEOUT_MS, allowH2: false })

  const allowedAddresses = async (host: string): Promise<readonly string[]> => {
    const found = isIP(host) ? [host] : await resolver.addresses(host)
    if (found.length === 0) throw new Error(`${host} has no address`)
    const allowed = found.filter((address) => rules.isAllowed(address))
    if (allowed.length === 0) throw new ForbiddenAddressError(host)
    return allowed
  }

  const connect = async (options: buildConnector.Options): Promise<Parameters<buildConnector.Callback>> => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1')
    let failure: Error | undefined
    for (const hostname of await allowedAddresses(host)) {
      // SNI and the certificate are of the name; an address is asked for without.
      const servername = isIP(host) ? options.servername : (options.servername ?? host)
      const outcome = await new Promise<Parameters<buildConnector.Callback>>((resolve) => {
        connectTo({ ...options, hostname, host: hostname, ...(servername && { servername }) }, (...result) =>
          resolve(result),
        )
      })
      if (outcome[0] === null) return outcome
      failure = outcome[0]
    }
    throw failure ?? new Error(`${host} has no address`)
  }

  return new Agent({
    connections: connectionsPerOrigin,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Each request brings its own deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      connect(options).then(
        (outcome) => callback(...outcome),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      )
    },
  })
}
