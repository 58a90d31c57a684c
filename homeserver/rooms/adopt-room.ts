import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { storedFromRow } from '../../storage/events/stored-event.ts'
import type { StateEntry } from '../../storage/state-trie/trie-node.ts'
import { submitPlanned, takePlanned } from './commit-planned.ts'
import type { HandledIntent } from './handle-intent.ts'
import { judged } from './judged-event.ts'
import { learnEvents } from './learn-events.ts'
import type { OpenRoom } from './open-room.ts'
import { openEmptyRoom } from './open-stored-room.ts'
import { planWrite } from './plan-write.ts'
import type { AdoptIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'

type Place = Pick<StateEntry, 'typeNid' | 'stateKeyNid'>

/**
 * Takes part in a room that was joined through another server: stores what it told as outliers, and the join as
 * the room's only extremity, with the told state before it.
 *
 * @throws MatrixError when the told state does not allow the join: the resident server lied or is broken.
 */
export async function adoptRoom(
  services: RoomServices,
  roomId: string,
  known: OpenRoom | undefined,
  intent: AdoptIntent,
): Promise<HandledIntent> {
  const version = roomVersion(intent.version)
  if (!version) {
    throw new MatrixError(
      400,
      'M_UNSUPPORTED_ROOM_VERSION',
      `Room version ${intent.version} is not supported.`,
    )
  }
  const room = known ?? (await openEmptyRoom(services, roomId, version))
  const { joinEvent } = intent
  const learnt = await learnEvents(services, room, intent.state, intent.authChain)
  const allowed = checkAuth(joinEvent, authStateOf(learnt.stateEvents))
  if (!allowed.allowed) {
    throw new MatrixError(
      502,
      'M_BAD_STATE',
      `The state that the other server sent forbids the join: ${allowed.reason}`,
    )
  }

  const outliers = learnt.rows.map((row) => storedFromRow(row, room.head.roomNid))
  for (const stored of outliers) room.addPending(stored)
  // Whatever this server still held is from a former stay; the told state includes all that became of it.
  const former = room.head.extremities
  room.advance({ ...room.head, extremities: [] }, undefined)
  const event = judged(joinEvent, 'accepted')
  const here = (await room.events([joinEvent.eventId])).get(joinEvent.eventId)
  const planned = await planWrite(
    services,
    room,
    event,
    services.trie.build(room.head.roomNid, learnt.state),
    {
      outliers: learnt.rows,
      missing: joinEvent.prevEvents,
      aboveGap: true,
      outlier: here,
      formerExtremities: former,
    },
  )
  // The current state knows nothing of what the join took the place of where this server was not in the room.
  const { typeNid, stateKeyNid } = planned.write.row
  const isOwn = (place: Place): boolean => place.typeNid === typeNid && place.stateKeyNid === stateKeyNid
  const previousNid = learnt.state.find(isOwn)?.eventNid
  const stateChanges = planned.write.stateChanges.map((change) =>
    isOwn(change) ? { ...change, previousNid } : change,
  )
  const write = { ...planned, write: { ...planned.write, stateChanges } }
  takePlanned(room, write)
  const committed = submitPlanned(services, room, write).then(() => {
    for (const stored of outliers) room.forgetPending(stored)
    return { eventIds: [event.eventId], events: [event] }
  })
  return { room, committed }
}
