/** Told that something of a room changed, never what: readers ask for what is true now. */
export type EphemeralListener = (roomId: string) => void

/**
 * Who is typing where. Ephemeral facts are never stored; they go through this interface so that another process
 * may hold them (DESIGN §3.12). Versions count within an epoch: after a restart nobody's version is known.
 */
export interface EphemeralBus {
  /** Names this life of the bus. */
  readonly epoch: string
  /** Grows with every change of any room, and of whatever else shares its clock. */
  readonly version: number
  /** The version of the last change of any room. */
  readonly lastChange: number
  /** Says that a user is typing for `timeoutMs` from now on, or has stopped. */
  setTyping(roomId: string, userId: string, timeoutMs: number | undefined): void
  /** Users who are typing in a room, in the order in which they began. */
  typingIn(roomId: string): readonly string[]
  /** The version at which a room last changed; 0 when it never did. */
  versionOf(roomId: string): number
  /** Calls `listener` on every change. Returns the function that ends it. */
  onChange(listener: EphemeralListener): () => void
}
