import { OAuthError } from '../../homeserver/oauth/oauth-error.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import { anybody, endpoint, type EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { oauthBaseUrl } from './base-url.ts'
import { readForm } from './form-body.ts'

/** An endpoint that OAuth clients call, whose errors are OAuth's; `base` is the address of this server. */
export function oauthEndpoint(
  { config }: AccountApiContext,
  handle: (request: IncomingRequest, base: string) => Promise<Answer>,
): EndpointMiddleware {
  return endpoint(anybody, async (request) => {
    const base = oauthBaseUrl(config, request)
    if (base === undefined) throw new MatrixError(404, 'M_UNRECOGNIZED', 'This server has no OAuth 2.0 API')
    try {
      return await handle(request, base)
    } catch (error) {
      return oauthErrorAnswer(error)
    }
  })
}

/** A JSON answer that nobody may keep (RFC 6749 §5.1). */
export function privateJson(value: object, status = 200): Answer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' }
  return { status, headers, body: { json: value } }
}

/** The fields of a client's form, each there once. @throws OAuthError invalid_request. */
export async function clientForm(request: IncomingRequest): Promise<ReadonlyMap<string, string>> {
  const form = await readForm(request)
  const fields = new Map<string, string>()
  for (const [name, value] of form) {
    if (fields.has(name)) throw new OAuthError('invalid_request', 'A parameter is there twice')
    fields.set(name, value)
  }
  return fields
}

/** A field that must be there. @throws OAuthError invalid_request. */
export function requiredField(form: ReadonlyMap<string, string>, name: string): string {
  const value = form.get(name)
  if (!value) throw new OAuthError('invalid_request', `\`${name}\` is missing`)
  return value
}

function oauthErrorAnswer(error: unknown): Answer {
  if (error instanceof OAuthError) {
    return privateJson({ error: error.code, error_description: error.message }, error.status)
  }
  // js-sdk takes every OAuth error of a refresh for the end of the session; a limit is none.
  if (!(error instanceof MatrixError) || error.status === 429) throw error
  return privateJson({ error: 'invalid_request', error_description: error.message }, error.status)
}
