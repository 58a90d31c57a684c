import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Queries } from '../../storage/database.ts'
import { clientCalled, type OAuthClient } from './clients.ts'
import { OAuthError } from './oauth-error.ts'
import { isRegisteredRedirectUri } from './redirect-uris.ts'
import { readScope, type Scope } from './scope.ts'

/** The base64url form of a SHA-256 (RFC 7636 §4.2). */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/
/** Clients keep a random text here; some keep an address too. */
const MAX_STATE_LENGTH = 2_048

/** Where the answer of an authorisation goes. */
export interface AuthorizationReply {
  readonly redirectUri: string
  readonly mode: 'query' | 'fragment'
  readonly state: string | undefined
}

/** A sound authorisation request (client-server API, "Authorisation code flow"). */
export interface AuthorizationRequest {
  readonly client: OAuthClient
  readonly reply: AuthorizationReply
  readonly scope: Scope
  readonly challenge: string
  /** Whether the user wants a new account (`prompt=create`). */
  readonly create: boolean
  /** Whom the client expects to sign in (MSC4198), a user id. */
  readonly userIdHint: string | undefined
}

/** A sound request, or where the browser takes the client's error. */
export type ReadRequest =
  | { readonly sound: true; readonly request: AuthorizationRequest }
  | { readonly sound: false; readonly location: string }

/**
 * Reads an authorisation request.
 *
 * @throws MatrixError 400 when client or redirect URI are not known, so that the browser can be sent nowhere.
 */
export async function readAuthorizationRequest(
  queries: Queries,
  parameters: URLSearchParams,
): Promise<ReadRequest> {
  const client = await clientCalled(queries, single(parameters, 'client_id'))
  if (!client)
    throw new MatrixError(400, 'M_UNKNOWN', 'The application is not registered here. Start again in it.')
  const redirectUri = single(parameters, 'redirect_uri')
  if (redirectUri === undefined || !isRegisteredRedirectUri(redirectUri, client.metadata)) {
    throw new MatrixError(
      400,
      'M_UNKNOWN',
      'The application asks to return to an address that it has not registered.',
    )
  }
  const state = single(parameters, 'state')
  const wished = single(parameters, 'response_mode')
  const reply = { redirectUri, state, mode: wished === 'fragment' ? 'fragment' : 'query' } as const
  try {
    return { sound: true, request: { client, reply, ...readRest(client, parameters, wished, state) } }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return { sound: false, location: errorLocation(reply, error.code, error.message) }
  }
}

function readRest(
  client: OAuthClient,
  parameters: URLSearchParams,
  mode: string | undefined,
  state: string | undefined,
) {
  for (const name of new Set(parameters.keys())) {
    if (parameters.getAll(name).length > 1)
      throw new OAuthError('invalid_request', 'A parameter is there twice')
  }
  if (parameters.has('request'))
    throw new OAuthError('request_not_supported', 'Request objects are not supported')
  if (parameters.has('request_uri')) {
    throw new OAuthError('request_uri_not_supported', 'Request objects are not supported')
  }
  if (single(parameters, 'response_type') !== 'code') {
    throw new OAuthError('unsupported_response_type', 'The response type must be code')
  }
  if (!client.metadata.grant_types.includes('authorization_code')) {
    throw new OAuthError('unauthorized_client', 'The client has not registered for authorisation codes')
  }
  if (mode !== undefined && mode !== 'query' && mode !== 'fragment') {
    throw new OAuthError('invalid_request', 'The response mode must be query or fragment')
  }
  if (state !== undefined && state.length > MAX_STATE_LENGTH) {
    throw new OAuthError('invalid_request', 'The state is too long')
  }
  const challenge = single(parameters, 'code_challenge')
  if (single(parameters, 'code_challenge_method') !== 'S256' || !CHALLENGE.test(challenge ?? '')) {
    throw new OAuthError('invalid_request', 'A code challenge by the method S256 is needed')
  }
  const prompt = single(parameters, 'prompt')?.split(' ') ?? []
  if (prompt.includes('none')) throw new OAuthError('login_required', 'The user has to be asked')
  const [, userIdHint] = /^mxid:(@[^\0]{1,254})$/.exec(single(parameters, 'login_hint') ?? '') ?? []
  return {
    scope: readScope(single(parameters, 'scope')),
    challenge: challenge!,
    create: prompt.includes('create'),
    userIdHint,
  }
}

/** Where the browser goes with parameters for the client. */
export function replyLocation(
  reply: AuthorizationReply,
  parameters: Readonly<Record<string, string>>,
): string {
  const all = new URLSearchParams(parameters)
  if (reply.state !== undefined) all.set('state', reply.state)
  const joint = reply.mode === 'fragment' ? '#' : reply.redirectUri.includes('?') ? '&' : '?'
  return `${reply.redirectUri}${joint}${all}`
}

/** Where the browser goes with an error (RFC 6749 §4.1.2.1). */
export function errorLocation(reply: AuthorizationReply, code: string, description: string): string {
  return replyLocation(reply, { error: code, error_description: description })
}

function single(parameters: URLSearchParams, name: string): string | undefined {
  return parameters.get(name) ?? undefined
}
