import type { AuthResult } from '../../protocol/auth-rules/auth-result.ts'
import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { authEventTuples } from '../../protocol/auth-rules/select-auth-events.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import { plainEvents, type OpenRoom } from './open-room.ts'
import { withClaimedMembers } from './partial-state/claimed-members.ts'

/**
 * Judges an event by a state of its room.
 *
 * @param claimed auth events of the event, by whose word those count as members who are missing in the state.
 */
export async function checkAgainst(
  room: OpenRoom,
  event: RoomEvent,
  root: StateRoot,
  claimed: readonly RoomEvent[] = [],
): Promise<AuthResult> {
  const found = await room.stateEvents(root, authEventTuples(event.version, event))
  const state = withClaimedMembers(plainEvents(found.values()), claimed)
  return checkAuth(event, authStateOf(state, await impliedCreate(room)))
}

/** The create event that the room id names, where the room version has it so. */
export async function impliedCreate(room: OpenRoom): Promise<RoomEvent | undefined> {
  const { version, roomId } = room.head
  if (!version.roomIdIsCreateHash) return undefined
  const createId = `$${roomId.slice(1)}`
  return (await room.events([createId])).get(createId)?.event
}
