/** Registered OAuth 2.0 clients. `metadata` is JSON text; equal metadata is one client. Timestamps in ms. */
export interface OAuthClientTable {
  client_id: string
  metadata: string
  metadata_hash: Buffer
  registered_ts: number
}
