import { isIP } from 'node:net'
import { connect, type SecureContext, type TLSSocket } from 'node:tls'
import type { AddressRules } from '../../../homeserver/outgoing/addresses/address-rules.ts'
import type { NameResolver } from '../../../homeserver/outgoing/addresses/name-resolver.ts'
import type { Endpoint, ResolvedServer } from '../discovery/resolved-server.ts'

/** One attempt at one address, TLS handshake included; the next address is tried after it. */
const ATTEMPT_TIMEOUT_MS = 8_000
/** All attempts of one connection together. */
const CONNECT_TIMEOUT_MS = 20_000

/** Opens a TLS connection to a server whose certificate has been verified for its name. */
export type Dial = (server: ResolvedServer) => Promise<TLSSocket>

export interface DialOptions {
  readonly resolver: NameResolver
  readonly rules: AddressRules
  /** Which certificate authorities and TLS versions are good enough. */
  readonly secureContext: SecureContext
  /** Whether the certificate for a name must verify; not in networks where verification is done elsewhere. */
  verifiesCertificate(certificateName: string): boolean
}

/** An address that the block list refuses, or a name that leads nowhere else. */
export class BlockedAddressError extends Error {
  constructor(host: string) {
    super(`${host} has no address that requests may go to`)
    this.name = 'BlockedAddressError'
  }
}

/**
 * The addresses are looked up, checked and connected to in one go: between a check and a later look-up, DNS could
 * have changed its mind.
 *
 * @returns a function that rejects with the last attempt's error, or {@link BlockedAddressError}.
 */
export function dialer(options: DialOptions): Dial {
  const addressesOf = async (endpoint: Endpoint, configured: boolean): Promise<readonly string[]> => {
    const found = isIP(endpoint.host) ? [endpoint.host] : await options.resolver.addresses(endpoint.host)
    const allowed = configured ? found : found.filter((address) => options.rules.isAllowed(address))
    if (found.length > 0 && allowed.length === 0) throw new BlockedAddressError(endpoint.host)
    if (found.length === 0) throw new Error(`${endpoint.host} has no address`)
    return allowed
  }

  return async (server) => {
    const deadline = Date.now() + CONNECT_TIMEOUT_MS
    let failure: unknown
    for (const endpoint of server.endpoints) {
      try {
        for (const address of await addressesOf(endpoint, server.configured)) {
          const left = Math.min(deadline - Date.now(), ATTEMPT_TIMEOUT_MS)
          if (left <= 0) break
          try {
            return await openConnection(address, endpoint.port, server.certificateName, left, options)
          } catch (error) {
            failure = error
          }
        }
      } catch (error) {
        failure ??= error
      }
    }
    throw failure ?? new Error(`no address of ${server.hostHeader} answered in time`)
  }
}

function openConnection(
  address: string,
  port: number,
  certificateName: string,
  timeoutMs: number,
  options: DialOptions,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      // For an IP address Node checks the certificate against `host`, and SNI must not be sent.
      ...(isIP(certificateName) ? {} : { servername: certificateName }),
      secureContext: options.secureContext,
      rejectUnauthorized: options.verifiesCertificate(certificateName),
      ALPNProtocols: ['http/1.1'],
    })
    const timer = setTimeout(() => socket.destroy(new Error('the connection timed out')), timeoutMs)
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      socket.setNoDelay(true)
      socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
      resolve(socket)
    })
  })
}

/** Idle connections to peers behind a NAT are forgotten by it after about this long. */
const KEEP_ALIVE_DELAY_MS = 60_000
