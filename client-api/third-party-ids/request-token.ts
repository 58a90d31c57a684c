import { newSessionId } from '../../homeserver/accounts/bearer-secrets.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { emailAddress } from '../../homeserver/third-party-ids/email-address.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { ProofPurpose } from '../../storage/third-party-ids/address-proofs.ts'
import { ownerOf } from '../../storage/third-party-ids/third-party-ids.ts'
import type { AccountApiContext } from '../context.ts'
import { requiredText } from '../http/body-fields.ts'
import { registrationFlows } from '../registration/registration-flows.ts'
import { registrationDisabled } from '../registration/register.ts'
import { changesDenied, inUse, noMail, notFound } from './errors.ts'
import { readNextLink } from './next-link.ts'

/** Identity service API, "General principles". */
const CLIENT_SECRET = /^[0-9a-zA-Z.=_-]{1,255}$/

/**
 * `POST …/email/requestToken` of registration, of a new password and of adding an address to an account. The same
 * attempt of the same client sends no second mail.
 */
export function requestEmailToken(context: AccountApiContext, purpose: ProofPurpose): Handler<unknown> {
  const { accounts, config, limits, queries } = context
  const openFlows = registrationFlows(context)
  return async (request) => {
    const body = await request.object()
    const { addressProofs } = accounts
    if (!addressProofs) throw noMail()
    if (purpose === 'register' && (await openFlows()).length === 0) throw registrationDisabled()
    if (purpose === 'add' && !config.thirdPartyIds.mayChange) throw changesDenied()
    const clientSecret = clientSecretOf(body)
    const address = emailAddress(requiredText(body, 'email'))
    const sendAttempt = sendAttemptOf(body)
    const nextLink = readNextLink(body, config.thirdPartyIds.nextLinkHosts)
    limits.thirdPartyIdValidation.consume(`address ${addressKey(request.clientAddress)}`)
    limits.thirdPartyIdValidation.consume(`email ${address}`)
    const isOwned = (await ownerOf(queries, address)) !== undefined
    if (isOwned !== (purpose === 'password')) {
      // Nothing tells this session from one that has had a mail sent.
      if (config.thirdPartyIds.hidesOwners) return json({ sid: newSessionId() })
      throw purpose === 'password' ? notFound() : inUse()
    }
    return json({
      sid: await addressProofs.request({ purpose, address, clientSecret, sendAttempt, nextLink }),
    })
  }
}

/** `POST …/msisdn/requestToken`: nothing here sends text messages. */
export function requestMsisdnToken(): never {
  throw new MatrixError(400, 'M_THREEPID_MEDIUM_NOT_SUPPORTED', 'Accounts have no telephone numbers here')
}

/** @throws MatrixError 400 for a missing or malformed `client_secret`. */
export function clientSecretOf(body: JsonObject): string {
  const secret = requiredText(body, 'client_secret')
  if (CLIENT_SECRET.test(secret)) return secret
  throw new MatrixError(
    400,
    'M_INVALID_PARAM',
    '`client_secret` consists of 1 to 255 letters, digits and the characters . = _ -',
  )
}

function sendAttemptOf(body: JsonObject): number {
  const attempt = ownValue(body, 'send_attempt')
  if (attempt === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`send_attempt` is missing')
  if (typeof attempt === 'number' && Number.isSafeInteger(attempt) && attempt >= 0) return attempt
  throw new MatrixError(400, 'M_BAD_JSON', '`send_attempt` must be an integer')
}
