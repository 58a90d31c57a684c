/** The epoch that fences a committer whose connection was lost. */
export interface StreamWriterTable {
  writer: string
  epoch: number
}
