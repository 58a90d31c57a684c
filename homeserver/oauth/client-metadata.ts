import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { OAuthError } from './oauth-error.ts'
import { hasCommonBase, isAllowedRedirectUri, isPlainHttps } from './redirect-uris.ts'

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
/** The grant types that this server has. */
export const GRANT_TYPES: readonly string[] = ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT]

/** Some clients name a callback for every domain that they are served from. */
const MAX_REDIRECT_URIS = 50
/** What browsers and servers agree on for URLs. */
const MAX_URI_LENGTH = 2_000
/** A name is shown on one line. */
const MAX_NAME_LENGTH = 200

/** What a client says about itself (client-server API, "Client metadata"), under the names of RFC 7591. */
export interface ClientMetadata {
  readonly client_name?: string
  readonly client_uri: string
  readonly logo_uri?: string
  readonly tos_uri?: string
  readonly policy_uri?: string
  readonly redirect_uris: readonly string[]
  readonly response_types: readonly string[]
  readonly grant_types: readonly string[]
  readonly application_type: 'web' | 'native'
  readonly token_endpoint_auth_method: 'none'
}

/**
 * Reads a registration request. Values that this server does not know are left out, as RFC 7591 has it; translated
 * ones too.
 *
 * @throws OAuthError invalid_client_metadata, invalid_redirect_uri.
 */
export function readClientMetadata(body: JsonObject): ClientMetadata {
  const clientUri = httpsUri(body, 'client_uri')
  if (clientUri === undefined) throw invalid('`client_uri` is missing')
  const base = new URL(clientUri)
  const type = optionalText(body, 'application_type') ?? 'web'
  if (type !== 'web' && type !== 'native') throw invalid('`application_type` must be web or native')
  const grants = texts(body, 'grant_types') ?? ['authorization_code']
  const redirectUris = texts(body, 'redirect_uris') ?? []
  if (redirectUris.length > MAX_REDIRECT_URIS) throw invalidRedirect('There are too many redirect URIs')
  for (const uri of redirectUris) {
    if (uri.length > MAX_URI_LENGTH || !isAllowedRedirectUri(uri, type, base)) {
      throw invalidRedirect('A redirect URI is not one that this client may have')
    }
  }
  const grantTypes = GRANT_TYPES.filter((grant) => grants.includes(grant))
  if (grantTypes.includes('authorization_code') && redirectUris.length === 0) {
    throw invalidRedirect('`redirect_uris` is missing')
  }
  const name = optionalText(body, 'client_name')?.trim()
  const linked = ['logo_uri', 'tos_uri', 'policy_uri'].flatMap((key) => {
    const uri = httpsUri(body, key, base)
    return uri === undefined ? [] : [[key, uri]]
  })
  return {
    ...(name && { client_name: name.slice(0, MAX_NAME_LENGTH).toWellFormed() }),
    client_uri: clientUri,
    ...Object.fromEntries(linked),
    redirect_uris: redirectUris,
    response_types: grantTypes.includes('authorization_code') ? ['code'] : [],
    grant_types: grantTypes,
    application_type: type,
    token_endpoint_auth_method: 'none',
  }
}

/** How the client is called on pages: by its name, else by its host. */
export function clientTitle(metadata: ClientMetadata): string {
  return metadata.client_name ?? new URL(metadata.client_uri).host
}

function optionalText(body: JsonObject, key: string): string | undefined {
  const value = ownValue(body, key) ?? undefined
  if (value !== undefined && typeof value !== 'string') throw invalid(`\`${key}\` must be a text`)
  return value
}

function texts(body: JsonObject, key: string): string[] | undefined {
  const value = ownValue(body, key) ?? undefined
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalid(`\`${key}\` must be a list of texts`)
  return value.map((entry) => {
    if (typeof entry === 'string') return entry
    throw invalid(`\`${key}\` must be a list of texts`)
  })
}

function httpsUri(body: JsonObject, key: string, base?: URL): string | undefined {
  const text = optionalText(body, key)
  if (text === undefined) return undefined
  const url = text.length <= MAX_URI_LENGTH && URL.canParse(text) ? new URL(text) : undefined
  if (!url || !isPlainHttps(url)) throw invalid(`\`${key}\` must be an https URL without user and password`)
  if (base && !hasCommonBase(url, base)) throw invalid(`\`${key}\` must be on the host of \`client_uri\``)
  return url.href
}

function invalid(sentence: string): OAuthError {
  return new OAuthError('invalid_client_metadata', sentence)
}

function invalidRedirect(sentence: string): OAuthError {
  return new OAuthError('invalid_redirect_uri', sentence)
}
