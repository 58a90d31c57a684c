import type { RoomEvent, Verdict } from '../../protocol/events/room-event.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid, UserNid } from '../numeric-ids.ts'
import type { EventReach } from '../push/event-reach.ts'
import { itemOf, type CommittedWrite } from '../position/committed-write.ts'
import type { RoomLease, StreamWriteKind } from '../position/stream-write.ts'
import type { Membership } from '../schema/membership.ts'
import type { StateResolution } from '../state-trie/state-resolutions.ts'
import type { StateRoot } from '../state-trie/state-root.ts'
import type { TrieNode } from '../state-trie/trie-node.ts'
import { eventStatements, stateNodeStatements } from './event-statements.ts'

/** One event's row, its identifiers already interned. */
export interface EventRow {
  readonly event: RoomEvent
  readonly pdu: Buffer
  readonly eventNid: EventNid
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid | undefined
  readonly senderNid: UserNid
  readonly verdict: Verdict
  readonly outlier: boolean
  /** The longest path of auth edges from it; undefined where a part of its auth chain is not here. */
  readonly authHeight: number | undefined
  /** Its place in the room's history; undefined for what history never shows. */
  readonly historyPos: number | undefined
  /** Messages of the main timeline that count, up to and with this event. */
  readonly unreadOrdinal: number
  readonly stateBefore: StateRoot | undefined
  readonly stateAfter: StateRoot | undefined
  readonly partialState: boolean
  readonly receivedTs: number
  /** What had redacted it already while it was an outlier; its row says so and keeps saying so. */
  readonly redactedBy?: EventNid | undefined
  /** By which a delayed event was scheduled (MSC4140). */
  readonly delayId?: string | undefined
}

/** A change of one place of the current state; an undefined `eventNid` empties it. */
export interface CurrentStateChange {
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid
  readonly previousNid: EventNid | undefined
  readonly eventNid: EventNid | undefined
}

/** A user's new relation to the room. */
export interface MembershipChange {
  readonly userNid: UserNid
  readonly membership: Membership
  readonly eventNid: EventNid | undefined
  readonly senderNid: UserNid
}

/** Up to where a local user has read a thread: its root's id, `main`, or the empty string for the whole room. */
export interface ReadPositionChange {
  readonly userNid: UserNid
  readonly thread: string
  readonly historyPos: number
  /** The main timeline's ordinal there. */
  readonly unreadOrdinal: number
}

/** The request that a local event answers, so that a repeated request finds the event again. */
export interface ClientTransaction {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly requestHash: Buffer
  readonly createdTs: number
  /** Where the device is told it with the event. */
  readonly transactionId: string | undefined
}

/**
 * Everything that one event changes, written in one transaction (DESIGN §2): the event with its verdict,
 * extremities, state, membership, position and transaction id. `live` events get a stream position and wake
 * those who wait; others (outliers, rejected or soft-failed events, backfill) are only stored.
 */
export interface EventWrite {
  readonly lease: RoomLease
  readonly roomNid: RoomNid
  readonly row: EventRow
  readonly live: boolean
  /** Further rows that must be there with it: the auth chain and state of a room joined over federation. */
  readonly outliers: readonly EventRow[]
  readonly stateNodes: readonly TrieNode[]
  /** What states were resolved to on the way to it; the nodes of the results are here or stored. */
  readonly resolutions: readonly StateResolution[]
  readonly extremities: { readonly added: readonly EventNid[]; readonly removed: readonly EventNid[] }
  /** Causes that are not here, and missing ones that this event fills. */
  readonly missing: { readonly added: readonly string[]; readonly filled: boolean }
  readonly stateChanges: readonly CurrentStateChange[]
  readonly memberships: readonly MembershipChange[]
  readonly readPositions: readonly ReadPositionChange[]
  readonly transaction: ClientTransaction | undefined
  /** Events that are redacted from now on, and by which. */
  readonly redactions: readonly { readonly target: EventNid; readonly by: EventNid }[]
  /** A redaction to be judged when its target arrives. */
  readonly pendingRedaction: string | undefined
  /** What the event says that it relates to, with the hash of an annotation's key. */
  readonly relation:
    | { readonly parentEventId: string; readonly relType: string; readonly keyHash: Buffer | undefined }
    | undefined
  /** Whom it notifies; undefined for what is not new. */
  readonly reach: EventReach | undefined
  /** Of a join through another server: what is known of the room now. */
  readonly joining?: PartialJoin | 'whole' | undefined
}

/** A join whose answer left out the members. */
export interface PartialJoin {
  /** The servers in the room, as the resident server told. */
  readonly servers: readonly string[]
  readonly begunTs: number
}

export const EVENT_WRITE: StreamWriteKind<EventWrite> = {
  name: 'event',
  before: stateNodeStatements,
  after: eventStatements,
  lease: (write) => write.lease,
}

/** The event write that a commit listener is told about; undefined for writes of other kinds. */
export function eventWriteOf(committed: CommittedWrite): EventWrite | undefined {
  return itemOf(EVENT_WRITE, committed)
}
