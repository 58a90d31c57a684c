import type { RoomEvent } from '../events/room-event.ts'
import { stateTuple, type StateTuple } from '../state/state-map.ts'
import type { ConflictInput } from './conflict-input.ts'
import { iterativeAuthChecks } from './iterative-auth-checks.ts'
import { mainlineOrder } from './mainline.ts'
import { powerEventsWithChains } from './power-events.ts'
import { reverseTopologicalPowerOrder } from './reverse-topological-power.ts'
import type { Steps } from './steps.ts'

const NOTHING = (): undefined => undefined

/**
 * Resolves a full conflicted set by version 2 or 2.1 of state resolution (rooms/fragments/v2-state-res.md and
 * rooms/v12.md, "Algorithm").
 *
 * @param fullConflictedSet conflicted state, auth difference and, in 2.1, conflicted subgraph. They are at hand, with what
 *   they cite and the unconflicted events that authorise them.
 * @returns where the resolved state differs from the unconflicted one. A conflicted tuple that is not in it has
 *   no event any more; a tuple that no state had can be in it, brought back by the auth difference.
 */
export function* resolveV2(
  algorithm: 'v2' | 'v2.1',
  fullConflictedSet: ReadonlySet<string>,
  source: ConflictInput,
): Steps<Map<StateTuple, string>> {
  const resolved = new Map<StateTuple, string>()
  const base =
    algorithm === 'v2.1' ? NOTHING : (tuple: StateTuple): string | undefined => source.unconflicted(tuple)

  const powerEvents = powerEventsWithChains(fullConflictedSet, source)
  const powerOrder = yield* reverseTopologicalPowerOrder(powerEvents, source)
  yield* iterativeAuthChecks(powerOrder, resolved, base, source)

  const remaining: RoomEvent[] = []
  for (const eventId of fullConflictedSet) {
    const event = powerEvents.has(eventId) ? undefined : source.event(eventId)
    if (event !== undefined) remaining.push(event)
  }
  const powerLevelsTuple = stateTuple('m.room.power_levels', '')
  const powerLevels = resolved.get(powerLevelsTuple) ?? base(powerLevelsTuple)
  const mainline = powerLevels === undefined ? undefined : source.event(powerLevels)
  yield* iterativeAuthChecks(yield* mainlineOrder(remaining, mainline, source), resolved, base, source)

  for (const tuple of [...resolved.keys()]) {
    if (source.unconflicted(tuple) !== undefined) resolved.delete(tuple)
  }
  return resolved
}
