import { rejudgeEvents } from '../../../homeserver/rooms/partial-state/rejudge-events.ts'
import { settleState, unsettledPlaces } from '../../../homeserver/rooms/partial-state/settle-state.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { EventNid, RoomNid } from '../../../storage/numeric-ids.ts'
import { serversOfSenders } from '../../../storage/partial-joins/partial-joins.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { CompletionContext } from './completion-context.ts'

/** Members that become known in one commit, some 50 ms; other rooms' commits come between. */
const PLACES_PER_COMMIT = 500

/**
 * Judges what came meanwhile by the whole states, and brings the tables to what follows from them. What a crash
 * leaves undone is done by the next attempt.
 *
 * @param after the states after events that are not here.
 * @param senders the servers of those who sent what came meanwhile.
 * @throws Error when the room is busy with a write of unknown fate.
 */
export async function completeJoin(
  context: CompletionContext,
  room: OpenRoom,
  after: ReadonlyMap<string, StateRoot>,
  senders: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const { services, writer } = context
  const { roomId, roomNid } = room.head
  const since = services.partial.begunAt(roomNid)
  const told = services.partial.serversOf(roomNid)
  if (since === undefined || !told) return
  const quietly = async <Result>(work: (now: OpenRoom) => Promise<Result>): Promise<Result> => {
    const done = await writer.quietly(roomId, async (now) => ({ result: await work(now) }))
    if (!done) throw new Error('the room is busy with a write of unknown fate')
    return done.result
  }
  const places = await quietly(async (now) => {
    const keep = (roots: Iterable<StateRoot>): void => writer.keepRoots(roomId, roots)
    await rejudgeEvents(services, now, after, keep)
    return unsettledPlaces(services, now)
  })
  for (let from = 0; from < places.length; from += PLACES_PER_COMMIT) {
    signal.throwIfAborted()
    const slice = places.slice(from, from + PLACES_PER_COMMIT)
    await quietly((now) => settleState(services, now, slice, { joinedSince: since }))
  }
  const servers = new Set([...senders, ...(await serversIn(context, roomNid, [...after.values()]))])
  const late = [...servers].filter((server) => !told.has(server) && server !== services.serverName)
  await context.onMembersKnown({ roomNid, since, late })
  await quietly((now) => settleState(services, now, [], { joinedSince: since, last: true }))
}

/** The servers of those who have set members in some states. */
async function serversIn(
  { services }: CompletionContext,
  roomNid: RoomNid,
  roots: readonly StateRoot[],
): Promise<string[]> {
  const { trie, interner, queries } = services
  const member = await interner.typeNid('m.room.member')
  const nids = new Set<EventNid>()
  for (const root of roots) {
    for (const entry of await trie.entries(roomNid, root))
      if (entry.typeNid === member) nids.add(entry.eventNid)
  }
  return serversOfSenders(queries, roomNid, [...nids])
}
