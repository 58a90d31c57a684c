import { Agent, type Dispatcher } from 'undici'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { AddressRules } from '../outgoing/addresses/address-rules.ts'
import type { NameResolver } from '../outgoing/addresses/name-resolver.ts'
import { guardedAgent } from '../outgoing/guarded-agent.ts'
import { identityServer, type IdentityServer, type SignRequest } from './identity-server.ts'
import { requestJson } from './request-json.ts'

/** The identity servers that users may invite and publish addresses through. */
export interface IdentityService {
  /** @throws MatrixError 403 M_SERVER_NOT_TRUSTED for one that is not configured. */
  server(name: string): IdentityServer
  /**
   * Whether a key is still valid (identity service API, `/pubkey/isvalid`).
   *
   * @param keyValidityUrl of an event in the room: it may lead anywhere.
   * @throws MatrixError 502 where nobody can be asked.
   */
  isKeyValid(keyValidityUrl: string, publicKey: string): Promise<boolean>
  close(): Promise<void>
}

export interface IdentityServiceOptions {
  /** Base URLs of the servers that the administrator trusts. */
  readonly trusted: readonly string[]
  readonly sign: SignRequest
  readonly resolver: NameResolver
  /** For URLs that others name. */
  readonly rules: AddressRules
}

/** Invites are rare. */
const CONNECTIONS_PER_ORIGIN = 4

export function createIdentityService({
  trusted,
  sign,
  resolver,
  rules,
}: IdentityServiceOptions): IdentityService {
  const bases = trusted.map((base) => new URL(base.endsWith('/') ? base : `${base}/`))
  // Where the administrator's own servers stand is the administrator's affair.
  const direct = new Agent({ connections: CONNECTIONS_PER_ORIGIN })
  const guarded = guardedAgent({ resolver, rules, connectionsPerOrigin: CONNECTIONS_PER_ORIGIN })
  const servers = new Map(bases.map((base) => [base.host, identityServer(base.href, direct, sign)]))
  const dispatcherFor = (url: URL): Dispatcher =>
    bases.some(({ origin }) => origin === url.origin) ? direct : guarded

  return {
    server(name) {
      const server = servers.get(name)
      if (server) return server
      const sentence = 'This server does not work with that identity server'
      throw new MatrixError(403, 'M_SERVER_NOT_TRUSTED', sentence)
    },
    async isKeyValid(keyValidityUrl, publicKey) {
      const url = URL.parse(keyValidityUrl)
      if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false
      url.searchParams.set('public_key', publicKey)
      return ownValue(await requestJson(dispatcherFor(url), { method: 'GET', url }), 'valid') === true
    },
    close: async () => void (await Promise.all([direct.close(), guarded.close()])),
  }
}
