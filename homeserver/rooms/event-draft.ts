import type { JsonObject } from '../../protocol/json/value.ts'

/** What somebody wants to say in a room, before it has its place in the DAG. Serialisable. */
export interface EventDraft {
  readonly type: string
  /** Undefined for a message; `''` is a state key. */
  readonly stateKey?: string | undefined
  readonly sender: string
  readonly content: JsonObject
  /** The event to be redacted, wherever the room version keeps that. */
  readonly redacts?: string | undefined
  /** Milliseconds since the epoch; now when undefined (application services may set it). */
  readonly originServerTs?: number | undefined
}
