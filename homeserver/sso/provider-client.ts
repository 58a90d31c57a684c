import type { JWTVerifyGetKey } from 'jose'
import * as openid from 'openid-client'
import type { OidcProvider } from '../config/sections/oidc.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { providerKeys } from './logout-token.ts'
import type { Claims } from './template.ts'

/** Keys and endpoints of a provider change seldom; after this they are asked for again. */
const DISCOVERY_KEPT_MS = 3_600_000
const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::|\/|$)/

/** What of a sign-in stays here while the user is with the provider. */
export interface Challenge {
  readonly nonce: string
  readonly verifier: string | undefined
}

/** One provider, as a relying party talks to it. */
export class ProviderClient {
  readonly provider: OidcProvider
  #keys: { readonly uri: string; readonly get: JWTVerifyGetKey } | undefined
  #known: { readonly until: number; readonly configuration: Promise<openid.Configuration> } | undefined

  constructor(provider: OidcProvider) {
    this.provider = provider
  }

  /** Begins a sign-in. @throws Error when the provider cannot be reached. */
  async challenge(): Promise<Challenge> {
    const { pkce } = this.provider
    const metadata = (await this.#configuration()).serverMetadata()
    const usesPkce = pkce === 'always' || (pkce === 'auto' && metadata.supportsPKCE())
    return { nonce: openid.randomNonce(), verifier: usesPkce ? openid.randomPKCECodeVerifier() : undefined }
  }

  /** Where the browser goes to sign in. */
  async location(redirectUri: string, state: string, { nonce, verifier }: Challenge): Promise<string> {
    const { scopes, authorizationParameters } = this.provider
    const url = openid.buildAuthorizationUrl(await this.#configuration(), {
      ...authorizationParameters,
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state,
      ...(scopes.includes('openid') && { nonce }),
      ...(verifier !== undefined && {
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }),
    })
    return url.href
  }

  /**
   * What the provider says about the user who came back.
   *
   * @param answered the address that the browser was sent back to, with its query.
   * @throws Error when the provider has refused, or anything about its answer is not right.
   */
  async finish(answered: URL, state: string, { nonce, verifier }: Challenge): Promise<Claims> {
    const configuration = await this.#configuration()
    const isOpenId = this.provider.scopes.includes('openid')
    const tokens = await openid.authorizationCodeGrant(configuration, answered, {
      expectedState: state,
      ...(isOpenId && { expectedNonce: nonce, idTokenExpected: true }),
      ...(verifier !== undefined && { pkceCodeVerifier: verifier }),
    })
    const identity: Claims = tokens.claims() ?? {}
    if (isOpenId && !this.provider.alwaysAskUserinfo) return identity
    if (isOpenId) {
      const subject = String(identity['sub'])
      return { ...identity, ...(await openid.fetchUserInfo(configuration, tokens.access_token, subject)) }
    }
    return this.#plainProfile(configuration, tokens.access_token)
  }

  /** The profile of a provider that speaks OAuth 2.0 alone, such as GitHub. */
  async #plainProfile(configuration: openid.Configuration, accessToken: string): Promise<Claims> {
    const { userinfo_endpoint: endpoint } = configuration.serverMetadata()
    if (endpoint === undefined) throw new Error('the provider has no userinfo_endpoint')
    const headers = new Headers({ accept: 'application/json' })
    const url = new URL(endpoint)
    const response = await openid.fetchProtectedResource(
      configuration,
      accessToken,
      url,
      'GET',
      null,
      headers,
    )
    const profile: unknown = await response.json()
    if (!response.ok || typeof profile !== 'object' || profile === null)
      throw new Error('the profile cannot be read')
    return profile as Claims
  }

  /** The keys that the provider signs with. @throws Error when it cannot be reached, or tells none. */
  async keys(): Promise<JWTVerifyGetKey> {
    const { jwks_uri: uri } = (await this.#configuration()).serverMetadata()
    if (uri === undefined) throw new Error('the provider has no jwks_uri')
    if (this.#keys?.uri !== uri) this.#keys = { uri, get: providerKeys(uri) }
    return this.#keys.get
  }

  #configuration(): Promise<openid.Configuration> {
    const now = Date.now()
    if (this.#known && this.#known.until > now) return this.#known.configuration
    const configuration = this.#discover()
    this.#known = { until: now + DISCOVERY_KEPT_MS, configuration }
    configuration.catch(() => {
      this.#known = undefined
    })
    return configuration
  }

  async #discover(): Promise<openid.Configuration> {
    const { provider } = this
    // Plain HTTP is for a provider on this machine, as one tries things out.
    const insecure = LOOPBACK.test(provider.issuer) ? [openid.allowInsecureRequests] : []
    const execute = [...insecure, openid.enableNonRepudiationChecks]
    const authentication = authenticationOf(provider)
    if (provider.discover) {
      const options = { execute, [openid.customFetch]: boundedFetch }
      return openid.discovery(new URL(provider.issuer), provider.clientId, undefined, authentication, options)
    }
    const configuration = new openid.Configuration(
      metadataOf(provider),
      provider.clientId,
      undefined,
      authentication,
    )
    configuration[openid.customFetch] = boundedFetch
    for (const prepare of execute) prepare(configuration)
    return configuration
  }
}

function authenticationOf({ clientAuthMethod, clientSecret }: OidcProvider): openid.ClientAuth {
  if (clientAuthMethod === 'none') return openid.None()
  return clientAuthMethod === 'client_secret_post'
    ? openid.ClientSecretPost(clientSecret)
    : openid.ClientSecretBasic(clientSecret)
}

function metadataOf({ issuer, endpoints }: OidcProvider): openid.ServerMetadata {
  return {
    issuer,
    ...(endpoints.authorization !== undefined && { authorization_endpoint: endpoints.authorization }),
    ...(endpoints.token !== undefined && { token_endpoint: endpoints.token }),
    ...(endpoints.userinfo !== undefined && { userinfo_endpoint: endpoints.userinfo }),
    ...(endpoints.jwks !== undefined && { jwks_uri: endpoints.jwks }),
  }
}
