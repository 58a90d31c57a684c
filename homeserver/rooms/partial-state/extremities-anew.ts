import { followersOf } from '../../../storage/partial-joins/partial-joins.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import { bounded } from '../extremities.ts'
import type { OpenRoom } from '../open-room.ts'
import type { Extremity } from '../room-head.ts'
import type { RoomServices } from '../room-services.ts'
import type { Rejudged } from './rejudge-events.ts'

/**
 * The extremities of a room after events in it were judged anew: one that is accepted no more hands its place back to
 * the events before it, and one that is accepted now takes its own, where nothing accepted follows them.
 */
export async function extremitiesAnew(
  { queries }: RoomServices,
  room: OpenRoom,
  rejudged: readonly Rejudged[],
): Promise<readonly Extremity[]> {
  const { head } = room
  const now = new Map(rejudged.map(({ stored }) => [stored.event.eventId, stored]))
  const candidates = new Map<string, StoredEvent>()
  const kept: Extremity[] = []
  const offer = (stored: StoredEvent | undefined): void => {
    if (stored?.verdict === 'accepted' && !stored.outlier) candidates.set(stored.event.eventId, stored)
  }
  for (const extremity of head.extremities) {
    const stored = now.get(extremity.eventId)
    if (!stored) kept.push(extremity)
    else if (stored.verdict === 'accepted') kept.push(asExtremity(stored))
  }
  for (const { stored, wasAccepted } of rejudged) {
    if (stored.verdict === 'accepted' && !wasAccepted) offer(stored)
    if (stored.verdict !== 'accepted' && wasAccepted) {
      for (const cause of (await room.events(stored.event.prevEvents)).values()) offer(cause)
    }
  }
  if (candidates.size === 0) return kept
  const oldest = Math.min(...[...candidates.values()].map(({ eventNid }) => eventNid))
  const from = [...candidates.values()].find(({ eventNid }) => eventNid === oldest)!.eventNid
  const followers = await followersOf(queries, head.roomNid, [...candidates.keys()], from)
  const following = await room.eventsByNid(followers.map(({ eventNid }) => eventNid))
  for (const { event, verdict } of following.values()) {
    if (verdict === 'accepted') for (const cause of event.prevEvents) candidates.delete(cause)
  }
  for (const { eventId } of kept) candidates.delete(eventId)
  const followed = new Set([...candidates.values()].flatMap(({ event }) => event.prevEvents))
  return bounded([
    ...kept.filter(({ eventId }) => !followed.has(eventId)),
    ...[...candidates.values()].map(asExtremity),
  ])
}

function asExtremity({ event, eventNid, stateAfter }: StoredEvent): Extremity {
  return { eventId: event.eventId, eventNid, depth: event.depth, stateAfter: stateAfter! }
}
