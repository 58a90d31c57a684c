import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import { parsePdu } from '../../../protocol/events/parse-pdu.ts'
import { PduError } from '../../../protocol/events/pdu-error.ts'
import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import { strippedRoomVersion } from '../../../protocol/events/stripped-state.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, type JsonObject } from '../../../protocol/json/value.ts'
import type { MembershipRow } from '../../../storage/rooms/membership-reader.ts'
import type { RoomServices } from '../room-services.ts'

/**
 * The end of an invite or a knock that no server in the room takes: an event for the user's own clients alone, which
 * follows what it ends.
 *
 * @returns undefined where nothing to follow is stored, or in a room of an unknown version.
 */
export function unheardLeave(
  { signer, now }: RoomServices,
  roomId: string,
  userId: string,
  ended: MembershipRow,
  content: JsonObject,
): SignedPdu | undefined {
  if (ended.event_pdu === null || ended.stripped_state === null) return undefined
  const pdu = parseJson(ended.event_pdu)
  const version = strippedRoomVersion(parseJson(ended.stripped_state))
  if (!version || !isJsonObject(pdu)) return undefined
  try {
    const { eventId, depth } = parsePdu(pdu, version)
    return buildPdu(
      {
        type: 'm.room.member',
        roomId,
        sender: userId,
        stateKey: userId,
        content: { ...content, membership: 'leave' },
        originServerTs: now(),
        depth: Math.min(depth + 1, Number.MAX_SAFE_INTEGER),
        prevEvents: [eventId],
        authEvents: [eventId],
      },
      version,
      signer,
    )
  } catch (error) {
    if (error instanceof PduError) return undefined
    throw error
  }
}
