import type { Queries } from '../../storage/database.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { QuietWriter } from '../rooms/collect-state.ts'

/** What the server's regular upkeep needs. */
export interface UpkeepContext {
  readonly queries: Queries
  readonly events: EventStore
  readonly committer: Committer
  readonly writer: QuietWriter
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** How long the content of a redacted event is kept, in milliseconds. */
  readonly redactionRetentionMs: number
  /** Told of what upkeep had to leave as it was. */
  readonly onError: (error: unknown) => void
}
