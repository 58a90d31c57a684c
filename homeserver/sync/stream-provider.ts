import type { StreamPosition } from '../../storage/position/position.ts'
import type { Filter } from '../filters/filter.ts'
import type { Viewer } from '../history/read-services.ts'
import type { EphemeralVersion } from './tokens.ts'

/** The stretch of the stream that an answer covers. */
export interface ProvidedStretch {
  /** Undefined for an initial sync. */
  readonly after: StreamPosition | undefined
  readonly upTo: StreamPosition
}

/** The same, and how far the client of a classic sync is. */
export interface SyncStretch extends ProvidedStretch {
  /** What the client has said that it has got: what was told up to here need never be told again. */
  readonly received: StreamPosition | undefined
  /** What the client knows of what is never stored; undefined for an initial sync. */
  readonly seen: EphemeralVersion | undefined
  /** Whether to leave out what is never stored: it is told later, as it is then. */
  readonly durableOnly: boolean
}

/** A part of a sync answer that sync itself knows nothing of. */
export interface ProvidedPart {
  /** JSON texts by their key in the answer: `to_device`, `device_lists`, `presence`, … */
  readonly fields: Readonly<Record<string, string>>
  /** Whether it is worth answering a waiting client for. */
  readonly hasNews: boolean
}

/**
 * Gives a part of every sync answer: encryption its keys and messages, presence its events. What it tells of must
 * be committed to the stream, or ephemeral; whoever has news wakes the user through `UserViews`.
 */
export interface StreamProvider {
  read(viewer: Viewer, stretch: SyncStretch, filter: Filter): Promise<ProvidedPart>
  /**
   * Whether anything that is never stored may have changed for a user since `seen`; left out by providers of stored
   * facts alone, which the head of the stream tells of. It is asked at every poll and must cost next to nothing.
   */
  mayHaveEphemeralNews?(viewer: Viewer, seen: EphemeralVersion): boolean
}

/** What clients need to see of devices and their keys even where nobody provides it. */
export const NOTHING_PROVIDED: ProvidedPart = {
  fields: {
    to_device: '{"events":[]}',
    device_lists: '{"changed":[],"left":[]}',
    device_one_time_keys_count: '{"signed_curve25519":0}',
    device_unused_fallback_key_types: '[]',
  },
  hasNews: false,
}
