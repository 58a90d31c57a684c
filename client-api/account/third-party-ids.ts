import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

const THREEPID = '/_matrix/client/v3/account/3pid'
/** Where clients ask for a mail or a text message with a code. */
const REQUESTS = [THREEPID, '/_matrix/client/v3/register', '/_matrix/client/v3/account/password']

/**
 * Mail addresses and telephone numbers (client-server API, "Adding Account Administrative Contact Information"):
 * accounts of this server have none, so that the list is empty and nothing can be added, validated or removed.
 */
export function thirdPartyIdRoutes({ open, user }: ClientEndpoints): Routes {
  const routes = declareRoutes()
    .get(THREEPID, user(thirdPartyIds))
    .post(THREEPID, user(refuse))
    .post(`${THREEPID}/add`, user(refuse))
    .post(`${THREEPID}/bind`, user(refuse))
    .post(`${THREEPID}/delete`, user(refuse))
    .post(`${THREEPID}/unbind`, user(refuse))
  for (const prefix of REQUESTS) {
    routes.post(`${prefix}/email/requestToken`, open(refuse))
    routes.post(`${prefix}/msisdn/requestToken`, open(refuse))
  }
  return routes
}

const thirdPartyIds: Handler<Session> = () => json({ threepids: [] })

function refuse(): never {
  throw new MatrixError(403, 'M_THREEPID_DENIED', 'Accounts have no mail addresses or telephone numbers here')
}
