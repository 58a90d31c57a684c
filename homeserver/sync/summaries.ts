import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { RoomSummary } from '../../storage/sync/room-summary-reader.ts'
import type { Viewer } from '../history/read-services.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'

/** So many names make up the name of a room without one (client-server API, `m.heroes`). */
const MAX_HEROES = 5

/** A room's summary as one user sees it. */
export interface SeenSummary {
  readonly heroes: readonly string[]
  readonly joined: number
  readonly invited: number
}

/** The summaries of rooms; heroes are others than the user. */
export async function loadSummaries(
  { facts, interner }: SyncServices,
  viewer: Viewer,
  roomNids: readonly RoomNid[],
): Promise<ByRoom<SeenSummary>> {
  if (roomNids.length === 0) return new Map()
  const summaries = await facts.summaries(roomNids)
  const names = await interner.userIds([...summaries.values()].flatMap(({ first }) => first))
  return new Map(Array.from(summaries, ([roomNid, summary]) => [roomNid, seen(summary, viewer, names)]))
}

function seen(
  { first, joined, invited }: RoomSummary,
  viewer: Viewer,
  names: ReadonlyMap<UserNid, string>,
): SeenSummary {
  const others = first.filter((userNid) => userNid !== viewer.userNid).slice(0, MAX_HEROES)
  return { heroes: others.map((nid) => names.get(nid)).filter((id) => id !== undefined), joined, invited }
}
