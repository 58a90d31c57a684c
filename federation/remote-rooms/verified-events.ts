import type { SignedPdu } from '../../protocol/events/room-event.ts'
import type { JsonValue } from '../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { verifyPdus } from '../keys/verify-pdus.ts'

/** A room, as far as reading its events needs it. */
export interface RoomOfVersion {
  readonly roomId: string
  readonly version: RoomVersionRules
}

/**
 * The events among `pdus` that belong to the room and whose format, signatures and hashes are right; a wrong hash
 * leaves the redacted form. What fails is left out: a bad event fails alone.
 */
export async function verifiedEvents(
  { keyRing, log }: { readonly keyRing: KeyRing; readonly log: FederationLog },
  room: RoomOfVersion,
  pdus: readonly JsonValue[],
): Promise<SignedPdu[]> {
  const results = await verifyPdus(keyRing, pdus, room.version)
  const good: SignedPdu[] = []
  for (const result of results) {
    if (result.ok && result.event.roomId === room.roomId) good.push(result.event)
    else if (!result.ok)
      log.debug({ eventId: result.eventId, reason: result.reason }, 'left out an event of another server')
    else log.debug({ eventId: result.event.eventId }, 'left out an event of another room')
  }
  return good
}
