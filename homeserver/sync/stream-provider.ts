import type { StreamPosition } from '../../storage/position/position.ts'
import type { Viewer } from '../history/read-services.ts'

/** The stretch of the stream that an answer covers. */
export interface ProvidedStretch {
  /** Undefined for an initial sync. */
  readonly after: StreamPosition | undefined
  readonly upTo: StreamPosition
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
  read(viewer: Viewer, stretch: ProvidedStretch): Promise<ProvidedPart>
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
