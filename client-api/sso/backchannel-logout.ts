import { json, type Answer } from '../../homeserver/http/answer.ts'
import { anybody, endpoint, type EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { endSsoSession } from '../../homeserver/sso/end-sso-session.ts'
import { claimedIssuer, readLogoutToken } from '../../homeserver/sso/logout-token.ts'
import type { ProviderClient } from '../../homeserver/sso/provider-client.ts'
import { readForm } from '../oauth/form-body.ts'
import type { SsoContext } from './sso-context.ts'

/** Synapse's path, which providers know already. */
export const BACKCHANNEL_LOGOUT_PATH = '/_synapse/client/oidc/backchannel_logout'

/**
 * `POST /_synapse/client/oidc/backchannel_logout`: a provider says that a session of its has ended (OpenID Connect
 * Back-Channel Logout 1.0 §2.5).
 */
export function backchannelLogout(context: SsoContext): EndpointMiddleware {
  return endpoint(anybody, async (request) => {
    context.starts.consume(addressKey(request.clientAddress))
    const token = (await readForm(request)).get('logout_token')
    if (token === null) return refused('logout_token is missing')
    const issuer = claimedIssuer(token)
    const asked = Array.from(context.providers.values()).filter(
      ({ provider }) => provider.backchannelLogout && provider.issuer === issuer,
    )
    let isValid = false
    for (const client of asked) isValid = (await logOut(context, client, token)) || isValid
    if (!isValid) return refused('The token is no logout token of a provider that this server knows')
    return { status: 200, headers: { 'cache-control': 'no-store' }, body: { bytes: '' } }
  })
}

/** Several providers of one issuer differ in their clients. Returns whether the token is for this one. */
async function logOut({ accounts }: SsoContext, client: ProviderClient, token: string): Promise<boolean> {
  const { provider } = client
  if (!provider.backchannelLogout) return false
  const claims = await client
    .keys()
    .then(
      (keys) => readLogoutToken(token, keys, provider),
      () => undefined,
    )
    .catch(() => undefined)
  if (!claims) return false
  await endSsoSession(accounts, provider, provider.backchannelLogout, claims)
  return true
}

function refused(description: string): Answer {
  const answer = json({ error: 'invalid_request', error_description: description }, 400)
  return { ...answer, headers: { 'cache-control': 'no-store' } }
}
