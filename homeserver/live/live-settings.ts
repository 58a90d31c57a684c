/** Measures of live sockets; durations in milliseconds. */
export interface LiveSettings {
  /** How often all sockets are looked at. */
  readonly tickMs: number
  /** A socket that has not said who it is after this time is closed. */
  readonly helloMs: number
  readonly pingMs: number
  /** A peer that has not been heard from for so long is gone. */
  readonly deadMs: number
  /** With so many frames unacknowledged, what is never stored is left out. */
  readonly sheddingAt: number
  /** With so many frames unacknowledged, nothing more is sent: the next frame will hold all of it. */
  readonly maxUnacknowledged: number
  /** Bytes that wait in memory for the network; as with frames, nothing is sent beyond them. */
  readonly maxBufferedBytes: number
  /** How long a frame may stay unacknowledged. */
  readonly maxDelayMs: number
  /** A peer that does not answer to the closing of its socket is cut off after this time. */
  readonly closingMs: number
  readonly maxSockets: number
  readonly maxPerUser: number
  readonly maxPerAddress: number
  /** Pings that a peer may send between two looks. */
  readonly maxPings: number
}

export const LIVE_SETTINGS: LiveSettings = {
  tickMs: 1_000,
  helloMs: 5_000,
  pingMs: 30_000,
  deadMs: 90_000,
  sheddingAt: 2,
  maxUnacknowledged: 4,
  // An incremental answer has some kilobytes, a first one of a large account megabytes: then one waits at a time.
  maxBufferedBytes: 1024 * 1024,
  maxDelayMs: 60_000,
  closingMs: 5_000,
  // Views of users who wait are kept in memory, and there is room for more than these.
  maxSockets: 15_000,
  // Devices with some windows each.
  maxPerUser: 30,
  // An office may sit behind one address.
  maxPerAddress: 3_000,
  maxPings: 10,
}
