import { stateTuple, type StateTuple } from '../../../protocol/state/state-map.ts'
import type { EventNid } from '../../../storage/numeric-ids.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { StateColumn } from '../../../storage/state-trie/difference.ts'
import type { OpenRoom } from '../open-room.ts'
import type { RoomServices } from '../room-services.ts'

/** A place in which states disagree, with what each has there, in the order of their roots. */
export interface Conflict extends StateColumn {
  readonly tuple: StateTuple
}

/** Where states disagree. What they have in common is not read. */
export async function findConflicts(
  { trie, interner }: RoomServices,
  room: OpenRoom,
  roots: readonly StateRoot[],
): Promise<readonly Conflict[]> {
  const columns = await trie.differences(room.head.roomNid, roots)
  const types = await interner.types(columns.map(({ typeNid }) => typeNid))
  const keys = await interner.stateKeys(columns.map(({ stateKeyNid }) => stateKeyNid))
  return columns.map((column) => ({
    ...column,
    tuple: stateTuple(types.get(column.typeNid)!, keys.get(column.stateKeyNid)!),
  }))
}

/** The events that take part in conflicts, each once. */
export function conflictedNids(conflicts: readonly Conflict[]): Set<EventNid> {
  return new Set(conflicts.flatMap(({ events }) => events.filter((nid) => nid !== undefined)))
}
