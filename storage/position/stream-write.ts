import type { RoomNid } from '../numeric-ids.ts'

/** A prepared statement: `name` identifies `text` on a connection, so one name always means one text. */
export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

/** An item of a batch with its place in it: its position is `currval('stream_position') - back`. */
export interface Positioned<Item> {
  readonly item: Item
  readonly back: number
}

/**
 * One kind of durable fact that clients or peers can be told about. The committer gathers the waiting items of
 * every kind and writes them in one transaction: each kind turns its items into a few set-based statements.
 * A kind is a constant; the committer groups by identity.
 */
export interface StreamWriteKind<Item> {
  readonly name: string
  /** Statements that need no position; they run before the commit lock is taken. */
  before?(items: readonly Item[]): readonly Statement[]
  /** Statements that store the positions. Two items of one batch may name the same row: the later one must win. */
  after(items: readonly Positioned<Item>[]): readonly Statement[]
  /** The lease of the room whose state or history the item writes; undefined when it writes no room. */
  lease?(item: Item): RoomLease | undefined
}

/**
 * Proof of the right to write a room, and the thread that ties together what was built on one in-memory head.
 * When an item under it fails, it breaks: everything built on that item fails with it.
 */
export interface RoomLease {
  readonly roomNid: RoomNid
  readonly token: number
  broken: boolean
}
