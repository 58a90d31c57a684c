import { toClientEvent } from '../../protocol/events/client-format.ts'
import { parsePdu } from '../../protocol/events/parse-pdu.ts'
import { PduError } from '../../protocol/events/pdu-error.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { strippedRoomVersion } from '../../protocol/events/stripped-state.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject } from '../../protocol/json/value.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { outsideRooms, type OutsideRoom } from '../../storage/sync/user-rooms-reader.ts'
import { formOf } from './event-form.ts'
import { eventMatcher } from './match-event.ts'
import type { RoomPlan } from './skeleton.ts'
import type { SyncRequest } from './sync-request.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'

/** The events, as JSON texts, that ended a user's invites and knocks in rooms that this server is not in. */
export async function loadOutsideEnds(
  services: Pick<SyncServices, 'queries' | 'now'>,
  { viewer, filter }: SyncRequest,
  plans: readonly RoomPlan[],
): Promise<ByRoom<string>> {
  const outside = plans.filter(({ section, room }) => section === 'leave' && room.outside)
  const matches = eventMatcher(filter.room.timeline)
  const inForm = formOf(filter)
  const stored = await outsideRooms(
    services.queries,
    viewer.userNid,
    outside.map(({ roomNid }) => roomNid),
  )
  const ends = new Map<RoomNid, string>()
  for (const [roomNid, room] of stored) {
    const event = endOf(room)
    if (!event || !matches(event)) continue
    const age = Math.max(0, services.now() - event.originServerTs)
    ends.set(roomNid, JSON.stringify(inForm(toClientEvent(event, 'sync', { age }), event.pdu)))
  }
  return ends
}

function endOf({ eventPdu, strippedState }: OutsideRoom): RoomEvent | undefined {
  const pdu = eventPdu === undefined ? undefined : parseJson(eventPdu)
  const version = strippedRoomVersion(strippedState === undefined ? undefined : parseJson(strippedState))
  if (!version || !isJsonObject(pdu)) return undefined
  try {
    return parsePdu(pdu, version)
  } catch (error) {
    if (error instanceof PduError) return undefined
    throw error
  }
}
