import type { SignedPdu } from '../../protocol/events/room-event.ts'
import type { RoomVersionId } from '../../protocol/room-versions/rules.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { EventDraft } from './event-draft.ts'

/** Names a client's request, so that it happens once (client-server API, "Transaction identifiers"). */
export interface RequestIdentity {
  readonly userNid: UserNid
  readonly deviceId: string
  /** Hash of the endpoint and the transaction id, as hexadecimal digits. */
  readonly requestHash: string
  /** What the device is told with the event; left out where the event is not its user's own. */
  readonly transactionId?: string | undefined
  /** Where it was a request to send the event later (MSC4140). */
  readonly delayId?: string | undefined
}

/** Local events, each built on the one before it. */
export interface SendIntent {
  readonly kind: 'send'
  readonly drafts: readonly EventDraft[]
  /** Belongs to the first draft. */
  readonly request?: RequestIdentity | undefined
}

/** A new room: its create event, already built because a version 12 room is named by it, and what follows. */
export interface CreateIntent {
  readonly kind: 'create'
  readonly version: RoomVersionId
  readonly createEvent: SignedPdu
  readonly drafts: readonly EventDraft[]
}

/** The state before an event, or those after the causes that are not here. */
export type ToldStates = { readonly before: StateRoot } | { readonly afterMissing: readonly StateRoot[] }

/** An event of another server, its signatures verified and its causes here. */
export interface ReceivedEvent {
  readonly event: SignedPdu
  /** Where causes of it are not here, what a resident server told in their place. */
  readonly told?: ToldStates | undefined
  /** Those of its causes that are not here. */
  readonly missing?: readonly string[] | undefined
}

/** Events of another server, each after its causes. They become visible together. */
export interface ReceiveIntent {
  readonly kind: 'receive'
  readonly events: readonly ReceivedEvent[]
  /** The client's request that the first event answers, where it is one of ours that others had to sign. */
  readonly request?: RequestIdentity | undefined
}

/** A room that one of our users has joined through another server. */
export interface AdoptIntent {
  readonly kind: 'adopt'
  readonly version: RoomVersionId
  readonly joinEvent: SignedPdu
  readonly state: readonly SignedPdu[]
  readonly authChain: readonly SignedPdu[]
  /** The servers in the room, where the state was told without its members. */
  readonly membersOmitted?: { readonly servers: readonly string[] } | undefined
}

/** A state of the room that another server told, or auth events alone; stored as outliers. */
export interface LearnStateIntent {
  readonly kind: 'learn-state'
  readonly state: readonly SignedPdu[]
  readonly authChain: readonly SignedPdu[]
}

/** A state that is made up of events that are here. Of several for one place the last counts. */
export interface NameStateIntent {
  readonly kind: 'name-state'
  readonly eventIds: readonly string[]
}

/** An event from before what is here, its signatures verified. */
export interface HistoryEvent {
  readonly event: SignedPdu
  /** The state before it, where that does not follow from the events before it. */
  readonly stateBefore?: StateRoot | undefined
}

/** Backfilled events, causes first. */
export interface HistoryIntent {
  readonly kind: 'history'
  readonly events: readonly HistoryEvent[]
}

export type RoomIntent =
  SendIntent | CreateIntent | ReceiveIntent | AdoptIntent | LearnStateIntent | NameStateIntent | HistoryIntent
