import type { JsonObject } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'

/**
 * An event as the rules see it: its PDU with the fields read out in the terms of its room version.
 * The stages of an event's life are distinct types on top of it, so that a skipped check does not compile.
 */
export interface RoomEvent {
  readonly eventId: string
  /** For a version 12 create event, computed from its hash. */
  readonly roomId: string
  readonly type: string
  readonly sender: string
  /** Undefined for an event that is not state; `''` is a state key. */
  readonly stateKey: string | undefined
  readonly content: JsonObject
  readonly originServerTs: number
  /** Another server's claim; it orders and bounds nothing. */
  readonly depth: number
  readonly prevEvents: readonly string[]
  readonly authEvents: readonly string[]
  /** The event that this one redacts, wherever its room version keeps that. */
  readonly redacts: string | undefined
  readonly version: RoomVersionRules
  /** The federation form, with hashes and signatures, as received or built. */
  readonly pdu: JsonObject
}

declare const stage: unique symbol

/** Its format is right for its room version; nothing in it is proven. */
export type UnverifiedPdu = RoomEvent & { readonly [stage]: 'unverified' }

/** Its signatures are verified; where the content hash did not match it is the redacted copy. */
export type SignedPdu = RoomEvent & { readonly [stage]: 'signed' }

/**
 * What the auth rules said. Being an outlier (an event whose place in the DAG is not known here) is another
 * question, which the event's row answers beside the verdict.
 */
export type Verdict = 'accepted' | 'soft-failed' | 'rejected'

/** Judged by the auth rules of its room. */
export type JudgedEvent = RoomEvent & {
  readonly [stage]: 'judged'
  readonly verdict: Verdict
  readonly reason?: string
}
