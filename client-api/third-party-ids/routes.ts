import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import { SUBMIT_PATH } from '../../homeserver/third-party-ids/address-proofs.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { addAddress, deleteAddress, listAddresses, nestedCreds, plainCreds } from './account-addresses.ts'
import { bindAddress, unbindAddress } from './publish-address.ts'
import { requestEmailToken, requestMsisdnToken } from './request-token.ts'
import { askToConfirm, submitToken } from './submit-token.ts'

const THREEPID = '/_matrix/client/v3/account/3pid'

/** Mail addresses of accounts (client-server API, "Adding Account Administrative Contact Information"). */
export function thirdPartyIdRoutes(context: AccountApiContext, { open, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(THREEPID, user(listAddresses(context)))
    .post(THREEPID, user(addAddress(context, nestedCreds)))
    .post(`${THREEPID}/add`, user(addAddress(context, plainCreds)))
    .post(`${THREEPID}/delete`, user(deleteAddress(context)))
    .post(`${THREEPID}/bind`, user(bindAddress(context)))
    .post(`${THREEPID}/unbind`, user(unbindAddress(context)))
    .post(`${THREEPID}/email/requestToken`, open(requestEmailToken(context, 'add')))
    .post(`${THREEPID}/msisdn/requestToken`, open(requestMsisdnToken))
    .post('/_matrix/client/v3/register/email/requestToken', open(requestEmailToken(context, 'register')))
    .post('/_matrix/client/v3/register/msisdn/requestToken', open(requestMsisdnToken))
    .post(
      '/_matrix/client/v3/account/password/email/requestToken',
      open(requestEmailToken(context, 'password')),
    )
    .post('/_matrix/client/v3/account/password/msisdn/requestToken', open(requestMsisdnToken))
    .get(`/${SUBMIT_PATH}`, open(askToConfirm(context)))
    .post(`/${SUBMIT_PATH}`, open(submitToken(context)))
}
