import { membershipIn } from '../../../homeserver/rooms/membership-in.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import { usersIn } from './server-visibility.ts'

/**
 * Which of these events were said by users who have had themselves erased, while the server was not there to hear
 * them (client-server API, "Account deactivation"): it gets them redacted. The rules read create events whole.
 */
export async function erasedFor(
  services: RoomServices,
  room: OpenRoom,
  origin: VerifiedOrigin,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<string>> {
  const said = events.filter(
    ({ senderNid, event }) => services.erasedUsers.has(senderNid) && event.type !== 'm.room.create',
  )
  const erased = new Set<string>()
  if (said.length === 0) return erased
  const places = (await usersIn(services, room, origin)).map((stateKey) => ({
    type: 'm.room.member',
    stateKey,
  }))
  for (const { event, stateBefore } of said) {
    const members = stateBefore === undefined ? undefined : await room.stateEvents(stateBefore, places)
    const wasThere = [...(members?.values() ?? [])].some((member) => membershipIn(member.event) === 'join')
    if (!wasThere) erased.add(event.eventId)
  }
  return erased
}
