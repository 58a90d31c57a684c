import type { ThirdPartyInviteRequest } from '../../homeserver/rooms/actions/third-party-invites/invite-third-party-id.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { requiredText } from '../http/body-fields.ts'

/** The third-party invite of a body (`Invite3pid`). @throws MatrixError 400 M_MISSING_PARAM, M_BAD_JSON. */
export function thirdPartyInviteIn(body: JsonObject): ThirdPartyInviteRequest {
  return {
    idServer: requiredText(body, 'id_server'),
    idAccessToken: requiredText(body, 'id_access_token'),
    medium: requiredText(body, 'medium'),
    address: requiredText(body, 'address'),
  }
}
