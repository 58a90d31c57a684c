/** The last transaction that each server has sent, with our answer. */
export interface InboundTransactionTable {
  server_name: string
  /** SHA-256 of the transaction id, which is the other server's and of any length. */
  txn_id_hash: Buffer
  response: Buffer
  received_ts: number
}
