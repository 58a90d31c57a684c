import { splitStateTuple, type StateTuple } from '../../protocol/state/state-map.ts'
import { resolveConflicts } from '../../protocol/state-resolution/resolve-conflicts.ts'
import {
  findResolution,
  resolutionKey,
  type StateResolution,
} from '../../storage/state-trie/state-resolutions.ts'
import type { AppliedChanges } from '../../storage/state-trie/state-trie.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { StateChange } from '../../storage/state-trie/trie-node.ts'
import type { OpenRoom, Resolution } from './open-room.ts'
import { ConflictView } from './resolution/conflict-view.ts'
import { conflictedNids, findConflicts, type Conflict } from './resolution/find-conflicts.ts'
import { inSlices } from './resolution/in-slices.ts'
import type { RoomServices } from './room-services.ts'

/** Fewer events than these are resolved as fast as a stored result is looked up. */
export const STORED_FROM_EVENTS = 16

/** A state that is named by its root, with what has to be stored before a stored row may name it. */
export interface ResolvedState extends AppliedChanges {
  /** What is to be remembered of how it was found, beside the nodes. */
  readonly resolution?: StateResolution | undefined
}

/**
 * Resolves the states that several roots name, reading only where they differ (DESIGN §3.3). The work is done a slice at
 * a time, so that other rooms go on. What took work is found again: in memory, and where it was stored.
 *
 * @throws MatrixError where the states differ too much to be resolved.
 */
export async function resolveRoots(
  services: RoomServices,
  room: OpenRoom,
  roots: readonly StateRoot[],
): Promise<ResolvedState> {
  const [base, ...others] = [...new Set(roots)].toSorted()
  if (base === undefined) throw new RangeError('there is no state to resolve')
  if (others.length === 0) return { root: base, newNodes: [] }
  const distinct: Distinct = [base, ...others]
  // The states of a fork are resolved for every event that follows it, and again for the head.
  const key = distinct.join()
  const known = room.resolutions.get(key)
  if (known) return known
  const { resolution, ...found } = await resolveDistinct(services, room, distinct)
  room.resolutions.set(key, found)
  return { ...found, resolution }
}

/** Different roots in their order, the same for the same set. */
type Distinct = readonly [StateRoot, ...StateRoot[]]

async function resolveDistinct(
  services: RoomServices,
  room: OpenRoom,
  distinct: Distinct,
): Promise<Resolution & ResolvedState> {
  const { roomNid, version } = room.head
  const conflicts = await findConflicts(services, room, distinct)
  const isStored = conflictedNids(conflicts).size >= STORED_FROM_EVENTS && !services.partial.has(roomNid)
  const inputs = isStored ? resolutionKey(version.stateResolution, distinct) : undefined
  const found = inputs && (await findResolution(services.queries, roomNid, inputs, services.now()))
  if (found) return { root: found, newNodes: [], isStored: true }
  const view = await ConflictView.of(services, room, distinct, conflicts)
  const resolved = await inSlices(resolveConflicts(view), (ask) => view.have(ask))
  const state = await applyResolution(services, room, distinct[0], conflicts, resolved, view)
  // What is missing may come, and change the result.
  const resolution = inputs && view.isWhole ? { inputs, root: state.root } : undefined
  return { ...state, isStored: false, resolution }
}

async function applyResolution(
  { trie, interner }: RoomServices,
  room: OpenRoom,
  base: StateRoot,
  conflicts: readonly Conflict[],
  resolved: ReadonlyMap<StateTuple, string>,
  view: ConflictView,
): Promise<AppliedChanges> {
  const changes = new Map<StateTuple, StateChange>()
  for (const { tuple, typeNid, stateKeyNid } of conflicts)
    changes.set(tuple, { typeNid, stateKeyNid, eventNid: undefined })
  const places = [...resolved.keys()].map(splitStateTuple)
  const types = await interner.typeNids(places.map(({ type }) => type))
  const keys = await interner.stateKeyNids(places.map(({ stateKey }) => stateKey))
  for (const [tuple, eventId] of resolved) {
    const { type, stateKey } = splitStateTuple(tuple)
    changes.set(tuple, {
      typeNid: types.get(type)!,
      stateKeyNid: keys.get(stateKey)!,
      eventNid: view.eventNid(eventId),
    })
  }
  return trie.apply(room.head.roomNid, base, [...changes.values()])
}
