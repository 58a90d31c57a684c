import {
  countStateChanges,
  noteCollected,
  roomsDueForCollection,
} from '../../storage/state-trie/collection-due.ts'
import { collectRoomState, type QuietWriter } from '../rooms/collect-state.ts'
import type { RoomServices } from '../rooms/room-services.ts'

/** Rooms of one run; those that are left are due again an hour later. */
const MAX_ROOMS = 100

/**
 * Removes the dead nodes of rooms whose state has changed much since the last time, one room after the other.
 *
 * @returns how many nodes were removed.
 */
export async function collectState(
  services: Pick<RoomServices, 'committer' | 'queries'>,
  writer: QuietWriter,
  signal: AbortSignal,
): Promise<number> {
  const { committer, queries } = services
  await countStateChanges(queries, Number(committer.head))
  let removed = 0
  for (const due of await roomsDueForCollection(queries, MAX_ROOMS)) {
    signal.throwIfAborted()
    const collection = await collectRoomState(services, writer, due.roomId, signal)
    if (!collection) continue
    await noteCollected(queries, due, collection.live)
    removed += collection.removed
  }
  return removed
}
