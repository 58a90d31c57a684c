import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts'
import type { EventNid, RoomNid } from '../../storage/numeric-ids.ts'
import type { RoomLease } from '../../storage/position/stream-write.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'

/** An event that nothing accepted follows yet. */
export interface Extremity {
  readonly eventId: string
  readonly eventNid: EventNid
  readonly depth: number
  readonly stateAfter: StateRoot
}

/**
 * Where a room stands, as the next event finds it. A head is never changed: every event makes the next one. The
 * newest may be ahead of the database; it counts only once its commit is confirmed (DESIGN §3.2).
 */
export interface RoomHead {
  readonly roomNid: RoomNid
  readonly roomId: string
  readonly version: RoomVersionRules
  readonly lease: RoomLease
  readonly extremities: readonly Extremity[]
  /** The resolved state after all extremities. */
  readonly root: StateRoot
  /** Place of the newest event in the room's history. */
  readonly historyPos: number
  /** Countable events so far. */
  readonly unreadOrdinal: number
}
