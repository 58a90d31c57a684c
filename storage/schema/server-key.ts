/** Signing keys of other servers. */
export interface ServerKeyTable {
  server_name: string
  key_id: string
  /** 32 bytes of Ed25519. */
  public_key: Buffer
  /** Milliseconds since the epoch, already limited to 7 days after `fetched_ts`. */
  valid_until_ts: number
  /** When the server stopped using the key; null while it is in use. */
  expired_ts: number | null
  /** Whether the server itself told us, rather than a notary. */
  direct: boolean
  fetched_ts: number
  /** The server's signed statement, as JSON: notaries pass it on. */
  response: Buffer
}
