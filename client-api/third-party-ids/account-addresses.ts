import { tellListeners } from '../../homeserver/accounts/accounts.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { emailAddress } from '../../homeserver/third-party-ids/email-address.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import {
  deleteThirdPartyId,
  putThirdPartyId,
  thirdPartyIdsOf,
} from '../../storage/third-party-ids/third-party-ids.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalText, requiredText } from '../http/body-fields.ts'
import { requirePassword } from '../http/require-password.ts'
import { changesDenied, inUse, noMail } from './errors.ts'
import { clientSecretOf, requestMsisdnToken } from './request-token.ts'

/** `GET /account/3pid`. */
export function listAddresses({ queries }: AccountApiContext): Handler<Session> {
  return async (_request, { userNid }) => {
    const found = await thirdPartyIdsOf(queries, userNid)
    const threepids = found.map(({ medium, address, validatedTs, addedTs }) => ({
      medium,
      address,
      validated_at: validatedTs,
      added_at: addedTs,
    }))
    return json({ threepids })
  }
}

/**
 * `POST /account/3pid/add`, and the deprecated `POST /account/3pid`, which asks for the password as well: who has
 * nothing but an access token must not get the account by an address of their own.
 *
 * @param credsOf finds `sid` and `client_secret` in the body.
 */
export function addAddress(
  { accounts, config, queries }: AccountApiContext,
  credsOf: (body: JsonObject) => JsonObject,
): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    const { addressProofs } = accounts
    if (!addressProofs) throw noMail()
    if (!config.thirdPartyIds.mayChange) throw changesDenied()
    const creds = credsOf(body)
    const [sid, clientSecret] = [requiredText(creds, 'sid'), clientSecretOf(creds)]
    const ask = await requirePassword(accounts, session, body, `add-address ${sid}`, { recentIsEnough: true })
    if (ask) return ask
    const proof = await addressProofs.validated(sid, clientSecret, 'add')
    if (!proof) throw notProved()
    const { address, validatedTs } = proof
    if (!(await putThirdPartyId(queries, session.userNid, { address, validatedTs, addedTs: Date.now() }))) {
      throw inUse()
    }
    await addressProofs.spend(sid)
    return nothing()
  }
}

/** The body of `POST /account/3pid/add` holds them itself. */
export function plainCreds(body: JsonObject): JsonObject {
  return body
}

/** The deprecated endpoint has them in an object. */
export function nestedCreds(body: JsonObject): JsonObject {
  const creds = ownValue(body, 'three_pid_creds') ?? ownValue(body, 'threePidCreds')
  if (isJsonObject(creds)) return creds
  throw new MatrixError(400, 'M_MISSING_PARAM', '`three_pid_creds` is missing')
}

/** `POST /account/3pid/delete`. What was published of it through this server at identity servers is taken back. */
export function deleteAddress({ accounts, config, queries }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    if (!config.thirdPartyIds.mayChange) throw changesDenied()
    const [medium, text] = [requiredText(body, 'medium'), requiredText(body, 'address')]
    if (medium === 'msisdn') requestMsisdnToken()
    if (medium !== 'email') throw new MatrixError(400, 'M_INVALID_PARAM', '`medium` must be email')
    const address = emailAddress(text)
    const idServer = optionalText(body, 'id_server')
    const unbound = await accounts.identityBindings?.unbindRemoved(session, { medium, address }, idServer)
    await deleteThirdPartyId(queries, session.userNid, address)
    await tellListeners(accounts, (listener) => listener.addressRemoved?.(session, address))
    return json({ id_server_unbind_result: unbound ?? 'no-support' })
  }
}

function notProved(): MatrixError {
  return new MatrixError(400, 'M_THREEPID_AUTH_FAILED', 'The link of the mail has not been opened yet')
}
