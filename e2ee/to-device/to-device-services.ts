import type { Queries } from '../../storage/database.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { Inbox } from './inbox.ts'

/** What messages to devices stand on. */
export interface ToDeviceServices {
  readonly serverName: string
  readonly queries: Queries
  readonly interner: Interner
  readonly committer: Pick<Committer, 'submit' | 'head'>
  /** Milliseconds since the epoch. */
  now(): number
}

/** The same, with what waits for each device of ours. */
export interface ToDevice extends ToDeviceServices {
  readonly inbox: Inbox
}
