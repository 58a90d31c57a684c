import type { Verdict } from '../../../protocol/events/room-event.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { AppliedChanges } from '../../../storage/state-trie/state-trie.ts'
import { checkAgainst } from '../check-against.ts'
import { judgeByAuthEvents } from '../judge-received.ts'
import type { OpenRoom } from '../open-room.ts'
import { resolveRoots } from '../resolve-roots.ts'
import type { RoomServices } from '../room-services.ts'

/**
 * The state before an event by the whole states after those before it.
 *
 * @param after the states after events that have been judged anew, by event id.
 * @returns undefined where the state after one of its causes is not known.
 */
export async function wholeStateBefore(
  services: RoomServices,
  room: OpenRoom,
  { event }: StoredEvent,
  after: ReadonlyMap<string, StateRoot>,
): Promise<AppliedChanges | undefined> {
  const causes = await room.events(event.prevEvents)
  const roots = event.prevEvents.map((id) => after.get(id) ?? causes.get(id)?.stateAfter)
  const known = roots.filter((root) => root !== undefined)
  if (known.length === 0 || known.length < roots.length) return undefined
  return resolveRoots(services, room, known)
}

/**
 * What becomes of an event by the whole state before it. What was soft-failed stays so: the current state of then,
 * by which that was decided, is gone.
 */
export async function rejudge(room: OpenRoom, stored: StoredEvent, before: StateRoot): Promise<Verdict> {
  const byAuthEvents = await judgeByAuthEvents(room, stored.event)
  if (!byAuthEvents.allowed) return 'rejected'
  const byState = await checkAgainst(room, stored.event, before)
  if (!byState.allowed) return 'rejected'
  return stored.verdict === 'soft-failed' ? 'soft-failed' : 'accepted'
}
