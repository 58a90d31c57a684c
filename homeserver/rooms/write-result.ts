import type { JudgedEvent } from '../../protocol/events/room-event.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'

/** What a write made: its events in order, the same events for a repeated request. */
export interface WriteResult {
  readonly eventIds: readonly string[]
  /** The events with their verdicts; empty when the request had been answered before. */
  readonly events: readonly JudgedEvent[]
  /** The state that a `learn-state` intent has stored. */
  readonly stateRoot?: StateRoot
}
