/** Proofs under way that somebody reads the mail of an address. Timestamps in ms. */
export interface AddressProofTable {
  session_id: string
  purpose: 'register' | 'password' | 'add'
  address: string
  client_secret_hash: Buffer
  send_attempt: number
  next_link: string | null
  created_ts: number
  validated_ts: number | null
}
