import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** `GET /rtc/transports` (MSC4143, in review): where group calls meet. Guests make calls too. */
export function rtcRoutes({ config }: AccountApiContext, { guest }: ClientEndpoints): Routes {
  const answer = json({ rtc_transports: config.calls.rtcTransports })
  return declareRoutes().get(
    '/_matrix/client/unstable/org.matrix.msc4143/rtc/transports',
    guest(() => answer),
  )
}
