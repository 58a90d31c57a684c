import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { canonicalThirdPartyId } from '../../homeserver/identity-service/canonical-third-party-id.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalText, requiredText } from '../http/body-fields.ts'
import { notPublished } from './errors.ts'
import { clientSecretOf } from './request-token.ts'

/** `POST /account/3pid/bind`: has an identity server show who has an address, which it has proved there. */
export function bindAddress({ accounts, limits }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    const idServer = requiredText(body, 'id_server')
    const idAccessToken = requiredText(body, 'id_access_token')
    const proved = { sid: requiredText(body, 'sid'), clientSecret: clientSecretOf(body) }
    if (!accounts.identityBindings) throw notPublished()
    limits.thirdPartyIdValidation.consume(`user ${session.userId}`)
    await accounts.identityBindings.bind(session, idServer, idAccessToken, proved)
    return nothing()
  }
}

/** `POST /account/3pid/unbind`. */
export function unbindAddress({ accounts, limits }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    const id = canonicalThirdPartyId(requiredText(body, 'medium'), requiredText(body, 'address'))
    if (!accounts.identityBindings) throw notPublished()
    limits.thirdPartyIdValidation.consume(`user ${session.userId}`)
    const unbound = await accounts.identityBindings.unbind(session, id, optionalText(body, 'id_server'))
    return json({ id_server_unbind_result: unbound })
  }
}
