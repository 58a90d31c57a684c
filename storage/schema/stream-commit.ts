/** One row a committed batch; the highest is the head of the stream. */
export interface StreamCommitTable {
  last_position: number
  batch_id: string
}
