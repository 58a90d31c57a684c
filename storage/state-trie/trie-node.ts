import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import type { NodeHash } from './state-root.ts'

/** Children of a branch: one hexadecimal digit of the path a level (DESIGN §3.3). */
export const FAN_OUT = 16
/** A subtree of at most so many entries is a leaf, of more a branch, whatever came first (DESIGN §3.3). */
export const LEAF_MAX = 32

export interface StateTupleNids {
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid
}

export interface StateEntry extends StateTupleNids {
  readonly eventNid: EventNid
}

/** What becomes of a tuple: its new event, or undefined to remove it. */
export interface StateChange extends StateTupleNids {
  readonly eventNid: EventNid | undefined
}

/** Entries sorted by {@link compareTuples}. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly entries: readonly StateEntry[]
}

export interface Branch {
  readonly kind: 'branch'
  /** Entries in the whole subtree: tells when deletions make a leaf of it. */
  readonly count: number
  /** {@link FAN_OUT} places, by the path's digit at this depth. */
  readonly children: readonly (NodeHash | undefined)[]
}

export type NodeContent = Leaf | Branch

/** A node that an algorithm made, with its encoding. */
export interface MadeNode {
  readonly hash: NodeHash
  readonly body: Buffer
  readonly content: NodeContent
}

/** A node to store. */
export interface TrieNode extends MadeNode {
  readonly roomNid: RoomNid
}

/** The order of entries in a leaf. */
export function compareTuples(a: StateTupleNids, b: StateTupleNids): number {
  return a.typeNid - b.typeNid || a.stateKeyNid - b.stateKeyNid
}

/** A map key that is equal for equal tuples. */
export function tupleKey(tuple: StateTupleNids): string {
  return `${tuple.typeNid},${tuple.stateKeyNid}`
}
