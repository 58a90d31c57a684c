import { isUserId, serverOf } from '../identifiers/user-id.ts'
import { isJsonObject, ownValue } from '../json/value.ts'
import { PduError } from './pdu-error.ts'
import type { RoomEvent } from './room-event.ts'

/**
 * The servers that must have signed an event (server-server API, "Validating hashes and signatures on received
 * events"): the sender's, unless it is a third-party invite, whose proof the auth rules check; in versions 1 and
 * 2 also that of the event id; from version 8 on also that of the user who authorised a restricted join.
 *
 * @throws PduError when the authorising user is not a user id.
 */
export function requiredSigners(event: RoomEvent): string[] {
  const servers = new Set<string>()
  if (!isThirdPartyInvite(event)) servers.add(serverOf(event.sender))
  if (event.version.eventIdFormat === 'in-pdu') servers.add(serverOf(event.eventId))
  if (event.version.restrictedJoins && event.type === 'm.room.member') {
    const authoriser = ownValue(event.content, 'join_authorised_via_users_server')
    if (authoriser !== undefined) {
      if (typeof authoriser !== 'string' || !isUserId(authoriser)) {
        throw new PduError("The join's join_authorised_via_users_server is not a user id.")
      }
      servers.add(serverOf(authoriser))
    }
  }
  return [...servers]
}

function isThirdPartyInvite(event: RoomEvent): boolean {
  return (
    event.type === 'm.room.member' &&
    ownValue(event.content, 'membership') === 'invite' &&
    isJsonObject(ownValue(event.content, 'third_party_invite'))
  )
}
