import type { RoomPlan } from './skeleton.ts'
import type { SyncRequest } from './sync-request.ts'
import type { SyncServices } from './sync-services.ts'
import { limitOf } from './timelines.ts'

/**
 * Events that are put together at once for an answer: a few megabytes of text, however large the whole answer is.
 * Three hundred rooms with twenty messages each and their senders are still one group.
 */
const MAX_EVENTS = 10_000
/** State beside the members, which rooms have a little of. */
const OTHER_STATE = 10

/** Parts the rooms of an answer into groups of bounded size, those that were left first. */
export async function roomGroups(
  { facts }: Pick<SyncServices, 'facts'>,
  { filter }: SyncRequest,
  plans: readonly RoomPlan[],
): Promise<RoomPlan[][]> {
  const limit = limitOf(filter.room.timeline) + OTHER_STATE
  const lazy = filter.room.state.lazyLoadMembers
  const summaries = lazy ? undefined : await facts.summaries(plans.map(({ roomNid }) => roomNid))
  const groups: RoomPlan[][] = []
  let events = 0
  for (const plan of [...plans.filter(isLeft), ...plans.filter((plan) => !isLeft(plan))]) {
    const own = limit + (summaries?.get(plan.roomNid)?.joined ?? 0)
    if (groups.length === 0 || events + own > MAX_EVENTS) {
      groups.push([])
      events = 0
    }
    groups.at(-1)!.push(plan)
    events += own
  }
  return groups
}

function isLeft({ section }: RoomPlan): boolean {
  return section === 'leave'
}
