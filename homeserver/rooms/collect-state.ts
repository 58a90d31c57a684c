import type { Queries } from '../../storage/database.ts'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import { stateRootsOf } from '../../storage/events/state-roots.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { collectDeadNodes, type Collection } from '../../storage/state-trie/collect-dead-nodes.ts'
import { resolvedRootsOf } from '../../storage/state-trie/state-resolutions.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { RoomServices } from './room-services.ts'
import type { LocalRoomWriter } from './room-writer.ts'

/** The writer, as far as it takes part in a collection. */
export type QuietWriter = Pick<LocalRoomWriter, 'quietly' | 'learntRoots'>

async function* allRoots(queries: Queries, roomNid: RoomNid): AsyncGenerator<StateRoot> {
  yield* stateRootsOf(queries, roomNid)
  yield* resolvedRootsOf(queries, roomNid)
}

/**
 * Removes the nodes of a room's states that nothing refers to: resolved states of forks long past, and told states that
 * no event was stored with. Sends go on meanwhile.
 *
 * @returns undefined when the room is not known here, or was opened anew meanwhile; it may be tried again.
 */
export async function collectRoomState(
  { committer, queries }: Pick<RoomServices, 'committer' | 'queries'>,
  writer: QuietWriter,
  roomId: string,
  signal?: AbortSignal,
): Promise<Collection | undefined> {
  const added = new Set<StateRoot>()
  const begun = await writer.quietly(roomId, async ({ head: { roomNid, lease } }) => {
    const ended = committer.onCommit((writes) => {
      for (const committed of writes) {
        const write = eventWriteOf(committed)
        if (write?.roomNid !== roomNid) continue
        const { stateBefore, stateAfter } = write.row
        for (const root of [stateBefore, stateAfter]) if (root !== undefined) added.add(root)
        for (const { root } of write.resolutions) added.add(root)
      }
    })
    return { roomNid, token: lease.token, ended }
  })
  if (!begun) return undefined
  const { roomNid, token, ended } = begun
  try {
    const room = {
      roomNid,
      token,
      liveRoots: allRoots(queries, roomNid),
      quietly: <Result>(work: (roots: Iterable<StateRoot>) => Promise<Result>) =>
        writer.quietly(roomId, async (room) => {
          const { head } = room
          if (head.lease.token !== token) return undefined
          const roots = [...added, head.root, ...room.resolvedRoots(), ...writer.learntRoots(roomId)]
          added.clear()
          return work(roots)
        }),
    }
    return await collectDeadNodes(queries, room, signal)
  } finally {
    ended()
  }
}
