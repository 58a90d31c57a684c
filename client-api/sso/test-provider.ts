import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** What the provider says about a user. */
export type TestClaims = Readonly<Record<string, unknown>> & { readonly sub: string }

/** A real provider of OpenID Connect in this process, whose users are signed in without a question. */
export interface TestProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Who is in front of it from now on; undefined refuses. */
  user: TestClaims | undefined
  close(): Promise<void>
}

const CLIENT = { clientId: 'meridian', clientSecret: 'a secret of the tests, which is long enough' }

/**
 * Starts one.
 *
 * @param redirectUris of the server that is tested.
 * @param logoutUri where it says that a session of its has ended.
 */
export async function startTestProvider(
  redirectUris: () => readonly string[],
  logoutUri?: () => string,
): Promise<TestProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const state: { user: TestClaims | undefined } = { user: undefined }
  let handle: ((...args: Parameters<ReturnType<Provider['callback']>>) => unknown) | undefined
  const build = (): Provider =>
    new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT.clientId,
          client_secret: CLIENT.clientSecret,
          redirect_uris: [...redirectUris()],
          grant_types: ['authorization_code'],
          response_types: ['code'],
          ...(logoutUri && {
            backchannel_logout_uri: logoutUri(),
            backchannel_logout_session_required: true,
          }),
        },
      ],
      claims: { openid: ['sub', 'preferred_username', 'name', 'groups', 'email'] },
      conformIdTokenClaims: false,
      // By itself it asks nobody on loopback, where the tests have everything.
      fetch: (url, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown } = {}) =>
        fetch(url, init),
      features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
      ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
      cookies: { keys: ['a key of the tests'] },
      findAccount: (_context, sub) => ({
        accountId: sub,
        claims: () => ({ ...state.user, sub }),
      }),
      interactions: { url: () => '/interaction' },
      loadExistingGrant: async (context) => {
        const grant = new context.oidc.provider.Grant({
          clientId: context.oidc.client!.clientId,
          accountId: context.oidc.session!.accountId!,
        })
        grant.addOIDCScope('openid profile email')
        await grant.save()
        return grant
      },
    })
  let provider: Provider | undefined
  server.on('request', (message, response) => {
    provider ??= build()
    handle ??= provider.callback()
    if (!message.url?.startsWith('/interaction')) return void handle(message, response)
    const result = state.user
      ? { login: { accountId: state.user.sub, remember: false } }
      : { error: 'access_denied', error_description: 'refused' }
    void provider.interactionFinished(message, response, result, { mergeWithLastSubmission: false })
  })
  return {
    issuer,
    ...CLIENT,
    get user() {
      return state.user
    },
    set user(user) {
      state.user = user
    },
    close: () => closed(server),
  }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => void server.close(() => resolve()))
}
