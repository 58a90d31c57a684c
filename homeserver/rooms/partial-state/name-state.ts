import { setImmediate as nextTurn } from 'node:timers/promises'
import { LEARNT_EVENTS } from '../../../storage/federation/learnt-events-write.ts'
import { verdictOf } from '../../../storage/events/verdict.ts'
import { placedEvents } from '../../../storage/partial-joins/partial-joins.ts'
import type { StateEntry } from '../../../storage/state-trie/trie-node.ts'
import type { HandledIntent } from '../handle-intent.ts'
import type { OpenRoom } from '../open-room.ts'
import type { NameStateIntent } from '../room-intent.ts'
import type { RoomServices } from '../room-services.ts'

const EVENTS_PER_READ = 5_000
/** Some 20 ms; other rooms' commits come between. */
const NODES_PER_COMMIT = 1_000

/**
 * Stores the state that is made up of events that are here, as outliers or otherwise; the result names its root.
 * Those that are not here, that the rules refuse, or whose place a later one takes, are left out.
 */
export async function nameState(
  services: RoomServices,
  room: OpenRoom,
  { eventIds }: NameStateIntent,
): Promise<HandledIntent> {
  const { roomNid, lease } = room.head
  const entries: StateEntry[] = []
  for (let from = 0; from < eventIds.length; from += EVENTS_PER_READ) {
    const page = eventIds.slice(from, from + EVENTS_PER_READ)
    const placed = new Map(
      (await placedEvents(services.queries, roomNid, page)).map((event) => [event.eventId, event]),
    )
    for (const eventId of page) {
      const event = placed.get(eventId)
      if (event && verdictOf(event.verdict) !== 'rejected') entries.push(event)
    }
    await nextTurn()
  }
  const { root, newNodes } = await services.trie.buildInTurns(roomNid, entries)
  const staged = services.trie.stage(newNodes)
  const storing = async (): Promise<void> => {
    for (let from = 0; from < newNodes.length; from += NODES_PER_COMMIT) {
      const stateNodes = newNodes.slice(from, from + NODES_PER_COMMIT)
      await services.committer.submit(LEARNT_EVENTS, { lease, roomNid, rows: [], stateNodes })
    }
  }
  const committed = storing().then(
    () => {
      staged.committed()
      return { eventIds: [], events: [], stateRoot: root }
    },
    (error: unknown) => {
      staged.discarded()
      throw error
    },
  )
  return { room, committed }
}
