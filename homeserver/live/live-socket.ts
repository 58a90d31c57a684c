/** The connection under a live sync. */
export interface LiveSocket {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number
  send(text: string): void
  ping(): void
  /** Begins to close it. @param reason at most 123 bytes. */
  close(code: number, reason: string): void
  /** Cuts it off. */
  terminate(): void
}
