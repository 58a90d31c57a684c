import { authDifferenceCandidates } from '../../protocol/state-resolution/auth-difference.ts'
import { resolveConflicts } from '../../protocol/state-resolution/resolve-conflicts.ts'
import { authEventTuples } from '../../protocol/auth-rules/select-auth-events.ts'
import { splitStateTuple, stateTuple, type StateTuple } from '../../protocol/state/state-map.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { AppliedChanges } from '../../storage/state-trie/state-trie.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { StateChange, StateTupleNids } from '../../storage/state-trie/trie-node.ts'
import { inUnconflictedChain, loadAuthChain } from './auth-chain.ts'
import type { OpenRoom } from './open-room.ts'
import type { RoomServices } from './room-services.ts'

interface Conflict extends StateTupleNids {
  readonly tuple: StateTuple
  /** What each state has there, in the order of the roots. */
  readonly column: (EventNid | undefined)[]
}

/**
 * Resolves the states that several roots name, reading only where they differ (DESIGN §3.3).
 *
 * @returns the root of the resolved state and the nodes that it needs and that are not stored yet.
 */
export async function resolveRoots(
  services: RoomServices,
  room: OpenRoom,
  roots: readonly StateRoot[],
): Promise<AppliedChanges> {
  const distinct = [...new Set(roots)].toSorted()
  const base = distinct[0]
  if (base === undefined) throw new RangeError('there is no state to resolve')
  if (distinct.length === 1) return { root: base, newNodes: [] }
  // The states of a fork are resolved for every event that follows it, and again for the head.
  const key = distinct.join()
  const resolved = room.resolutions.get(key) ?? (await resolveDistinct(services, room, distinct, base))
  room.resolutions.set(key, resolved)
  return resolved
}

async function resolveDistinct(
  services: RoomServices,
  room: OpenRoom,
  distinct: readonly StateRoot[],
  base: StateRoot,
): Promise<AppliedChanges> {
  const conflicts = await findConflicts(services, room, distinct)
  const nids = conflicts.flatMap(({ column }) => column.filter((nid) => nid !== undefined))
  const byNid = await room.eventsByNid(nids)
  const known = await loadAuthChain(services, room, [...byNid.values()])
  const conflicted = new Map(
    conflicts.map(({ tuple, column }) => [
      tuple,
      column.map((nid) => (nid === undefined ? undefined : byNid.get(nid)?.event.eventId)),
    ]),
  )
  const candidates = authDifferenceCandidates(
    conflicted,
    distinct.length,
    (eventId) => known.get(eventId)?.event.authEvents,
  )
  const shared = await inUnconflictedChain(services, room, base, new Set(nids), candidates)
  const unconflicted = await loadUnconflicted(services, room, base, conflicts, known)

  const resolved = resolveConflicts({
    version: room.head.version,
    stateCount: distinct.length,
    conflicted,
    unconflicted: (tuple) => unconflicted.get(tuple)?.event.eventId,
    inUnconflictedChain: (asked) => new Set([...asked].filter((eventId) => shared.has(eventId))),
    event: (eventId) => known.get(eventId)?.event,
    isRejected: (eventId) => known.get(eventId)?.verdict === 'rejected',
  })
  return applyResolution(services, room, base, conflicts, resolved, known)
}

async function findConflicts(
  { trie, interner }: RoomServices,
  room: OpenRoom,
  roots: readonly StateRoot[],
): Promise<readonly Conflict[]> {
  const { roomNid } = room.head
  const places = new Map<string, StateTupleNids>()
  for (const root of roots.slice(1)) {
    for (const place of await trie.diff(roomNid, roots[0]!, root)) {
      places.set(`${place.typeNid}/${place.stateKeyNid}`, place)
    }
  }
  const list = [...places.values()]
  const columns = await Promise.all(roots.map((root) => trie.getMany(roomNid, root, list)))
  const types = await interner.types(list.map(({ typeNid }) => typeNid))
  const keys = await interner.stateKeys(list.map(({ stateKeyNid }) => stateKeyNid))
  return list.map(({ typeNid, stateKeyNid }, index) => ({
    typeNid,
    stateKeyNid,
    tuple: stateTuple(types.get(typeNid)!, keys.get(stateKeyNid)!),
    column: columns.map((column) => column[index]),
  }))
}

/** The unconflicted state that the auth rules read for any event that takes part; loaded into `known` as well. */
async function loadUnconflicted(
  services: RoomServices,
  room: OpenRoom,
  base: StateRoot,
  conflicts: readonly Conflict[],
  known: Map<string, StoredEvent>,
): Promise<Map<StateTuple, StoredEvent>> {
  const conflicted = new Set(conflicts.map(({ tuple }) => tuple))
  const wanted = new Map<StateTuple, { type: string; stateKey: string }>()
  const want = (type: string, stateKey: string): void => {
    const tuple = stateTuple(type, stateKey)
    if (!conflicted.has(tuple)) wanted.set(tuple, { type, stateKey })
  }
  want('m.room.create', '')
  want('m.room.power_levels', '')
  for (const { event } of known.values()) {
    for (const { type, stateKey } of authEventTuples(event.version, event)) want(type, stateKey)
  }
  const unconflicted = await room.stateEvents(base, [...wanted.values()])
  for (const [eventId, stored] of await loadAuthChain(services, room, [...unconflicted.values()])) {
    known.set(eventId, stored)
  }
  await loadCreate(room, known)
  return unconflicted
}

/** From version 12 on no event lists the create event, yet the rules need it. */
async function loadCreate(room: OpenRoom, known: Map<string, StoredEvent>): Promise<void> {
  if (!room.head.version.roomIdIsCreateHash) return
  const createId = `$${room.head.roomId.slice(1)}`
  for (const [eventId, stored] of await room.events([createId])) known.set(eventId, stored)
}

async function applyResolution(
  { trie, interner }: RoomServices,
  room: OpenRoom,
  base: StateRoot,
  conflicts: readonly Conflict[],
  resolved: ReadonlyMap<StateTuple, string>,
  known: ReadonlyMap<string, StoredEvent>,
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
      eventNid: known.get(eventId)?.eventNid,
    })
  }
  return trie.apply(room.head.roomNid, base, [...changes.values()])
}
