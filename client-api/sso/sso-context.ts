import { RateLimiter } from '../../homeserver/rate-limits/rate-limiter.ts'
import { ProviderClient } from '../../homeserver/sso/provider-client.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'

/** Where providers send browsers back; Synapse's path, which providers know already. */
export const CALLBACK_PATH = '/_synapse/client/oidc/callback'

/** Each start keeps a row for an hour; an office behind one address signs in less often. */
const STARTS_BY_ADDRESS = { perSecond: 0.2, burstCount: 50 }

/** What the routes of single sign-on work with. */
export interface SsoContext extends AccountApiContext {
  readonly providers: ReadonlyMap<string, ProviderClient>
  /** How often an address may be sent to a provider. */
  readonly starts: RateLimiter
}

/** Adds the providers of the configuration. */
export function ssoContext(context: AccountApiContext): SsoContext {
  const clients = context.config.sso.providers.map((entry) => [entry.id, new ProviderClient(entry)] as const)
  return { ...context, providers: new Map(clients), starts: new RateLimiter(STARTS_BY_ADDRESS) }
}

/** A provider by its id. @throws MatrixError 404. */
export function providerCalled({ providers }: SsoContext, id: string): ProviderClient {
  const client = providers.get(id)
  if (!client) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such provider to sign in with.')
  return client
}
