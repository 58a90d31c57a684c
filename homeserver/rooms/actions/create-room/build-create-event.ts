import { randomBytes } from 'node:crypto'
import { buildPdu } from '../../../../protocol/events/build-pdu.ts'
import type { SignedPdu } from '../../../../protocol/events/room-event.ts'
import type { JsonObject } from '../../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../../protocol/room-versions/rules.ts'
import { asClientError } from '../../as-client-error.ts'
import { refuseUncanonical } from '../check-draft.ts'
import type { RoomActions } from '../room-actions.ts'

/** 18 random bytes are 24 characters of base64, and cannot be guessed. */
const ROOM_ID_BYTES = 18

/** The id of a room that is to be made, in versions whose room ids name a server. */
export function newRoomId(serverName: string): string {
  return `!${randomBytes(ROOM_ID_BYTES).toString('base64url')}:${serverName}`
}

/**
 * A room's first event.
 *
 * @param roomId counts in versions where it is not made of this event.
 * @throws MatrixError 400 M_BAD_JSON, 413 M_TOO_LARGE.
 */
export function buildCreateEvent(
  { services, creations }: Pick<RoomActions, 'services' | 'creations'>,
  version: RoomVersionRules,
  creator: string,
  content: JsonObject,
  roomId = newRoomId(services.serverName),
): SignedPdu {
  refuseUncanonical({ type: 'm.room.create', stateKey: '', sender: creator, content })
  const fields = {
    type: 'm.room.create',
    stateKey: '',
    sender: creator,
    content,
    originServerTs: creations.next(services.now()),
    depth: 1,
    prevEvents: [],
    authEvents: [],
  }
  return asClientError(() =>
    buildPdu(version.roomIdIsCreateHash ? fields : { ...fields, roomId }, version, services.signer),
  )
}
