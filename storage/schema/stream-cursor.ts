/** How far those have come who take in at their own pace what others store. */
export interface StreamCursorTable {
  consumer: string
  /** A position of the stream; for who follows what came by backfill, the number of an event. */
  place: number
}
