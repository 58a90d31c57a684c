import type { Config } from '../../homeserver/config/config.ts'

/**
 * The `m.login.sso` flow (client-server API, "Client login via SSO"); undefined where there is nothing to sign in with.
 * Beside OAuth 2.0 it leads clients that do not speak that to the same pages (client-server API, "OAuth 2.0 aware
 * clients"; MSC3824).
 */
export function ssoFlow({ sso }: Config, hasOAuth: boolean): object | undefined {
  if (sso.providers.length === 0 && !hasOAuth) return undefined
  return {
    type: 'm.login.sso',
    ...(sso.providers.length > 0 && {
      identity_providers: sso.providers.map(({ id, name, icon, brand }) => ({
        id,
        name,
        ...(icon !== undefined && { icon }),
        ...(brand !== undefined && { brand }),
      })),
    }),
    ...(hasOAuth && {
      oauth_aware_preferred: true,
      'org.matrix.msc3824.delegated_oidc_compatibility': true,
    }),
  }
}
