/** Previews of pages as they were answered. */
export interface UrlPreviewTable {
  /** SHA-256 of the address. */
  url_hash: Buffer
  /** JSON text. */
  answer: string
  fetched_ts: number
}
