import { parsePdu } from '../../../protocol/events/parse-pdu.ts'
import { PduError } from '../../../protocol/events/pdu-error.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'

/** The ids of those PDUs that are well formed enough to have one. */
export function eventIdsOf(pdus: readonly JsonObject[], version: RoomVersionRules): string[] {
  return pdus.flatMap((pdu) => {
    try {
      return [parsePdu(pdu, version).eventId]
    } catch (error) {
      if (error instanceof PduError) return []
      throw error
    }
  })
}
