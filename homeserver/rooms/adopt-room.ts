import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { storedFromRow } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { StateEntry } from '../../storage/state-trie/trie-node.ts'
import { submitPlanned, takePlanned } from './commit-planned.ts'
import type { HandledIntent } from './handle-intent.ts'
import { judged } from './judged-event.ts'
import { learnEvents, type LearntEvents } from './learn-events.ts'
import { membershipIn } from './membership-in.ts'
import type { OpenRoom } from './open-room.ts'
import { openEmptyRoom } from './open-stored-room.ts'
import { withClaimedMembers } from './partial-state/claimed-members.ts'
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
  opened: OpenRoom | undefined,
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
  const room = opened ?? (await openEmptyRoom(services, roomId, version))
  const { joinEvent, membersOmitted } = intent
  const learnt = await learnEvents(services, room, intent.state, intent.authChain)
  const causes = await authEventsOf(room, joinEvent, learnt)
  const stateEvents = membersOmitted ? withClaimedMembers(learnt.stateEvents, causes) : learnt.stateEvents
  const allowed = checkAuth(joinEvent, authStateOf(stateEvents))
  if (!allowed.allowed) throw refused(joinEvent, causes, allowed.reason)

  const state = membersOmitted ? await withKnownMembers(services, room, learnt.state) : learnt.state
  const outliers = learnt.rows.map((row) => storedFromRow(row, room.head.roomNid))
  for (const stored of outliers) room.addPending(stored)
  // Whatever this server still held is from a former stay; the told state includes all that became of it.
  const former = room.head.extremities
  room.advance({ ...room.head, extremities: [] }, undefined)
  const event = judged(joinEvent, 'accepted')
  const known = await room.events([joinEvent.eventId, ...joinEvent.prevEvents])
  const here = known.get(joinEvent.eventId)
  const missing = joinEvent.prevEvents.filter((id) => known.get(id)?.stateAfter === undefined)
  const planned = await planWrite(services, room, event, services.trie.build(room.head.roomNid, state), {
    outliers: learnt.rows,
    missing,
    aboveGap: missing.length > 0,
    partialState: membersOmitted !== undefined,
    joining: membersOmitted ? { servers: membersOmitted.servers, begunTs: services.now() } : 'whole',
    outlier: here,
    formerExtremities: former,
  })
  // The current state knows nothing of what the join took the place of where this server was not in the room.
  const { typeNid, stateKeyNid } = planned.write.row
  const isOwn = (place: Place): boolean => place.typeNid === typeNid && place.stateKeyNid === stateKeyNid
  const previousNid = state.find(isOwn)?.eventNid ?? (await claimedMember(room, joinEvent))
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

/** The membership that a join says it follows, which is all that is known of it where members are left out. */
async function claimedMember(room: OpenRoom, join: SignedPdu): Promise<EventNid | undefined> {
  const causes = [...(await room.events(join.authEvents)).values()]
  return causes.find(({ event }) => event.type === 'm.room.member' && event.stateKey === join.stateKey)
    ?.eventNid
}

/** While a room is partially joined, another join that tells no members takes away none of those that are known. */
async function withKnownMembers(
  { interner, trie, partial }: RoomServices,
  { head: { roomNid, root } }: OpenRoom,
  told: readonly StateEntry[],
): Promise<readonly StateEntry[]> {
  if (!partial.has(roomNid)) return told
  const member = await interner.typeNid('m.room.member')
  const known = (await trie.entries(roomNid, root)).filter(({ typeNid }) => typeNid === member)
  // Of several for one place the last counts.
  return [...known, ...told]
}

/** The auth events of a join, told or here, as far as they are accepted. */
async function authEventsOf(
  room: OpenRoom,
  join: SignedPdu,
  { accepted }: Pick<LearntEvents, 'accepted'>,
): Promise<RoomEvent[]> {
  const here = await room.events(join.authEvents.filter((id) => !accepted.has(id)))
  return join.authEvents.flatMap((id) => {
    const stored = here.get(id)
    return accepted.get(id) ?? (stored && stored.verdict !== 'rejected' ? stored.event : [])
  })
}

/** The user may have been banned; then it is not the other server that is at fault. */
function refused(join: SignedPdu, causes: readonly RoomEvent[], reason: string): MatrixError {
  const own = causes.find(({ type, stateKey }) => type === 'm.room.member' && stateKey === join.sender)
  if (own && membershipIn(own) === 'ban') return new MatrixError(403, 'M_FORBIDDEN', reason)
  return new MatrixError(
    502,
    'M_BAD_STATE',
    `The state that the other server sent forbids the join: ${reason}`,
  )
}
