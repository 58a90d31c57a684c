import type { UserNid } from '../numeric-ids.ts'

/** Signatures that were uploaded after the keys they are on. Their target may belong to another server. */
export interface KeySignatureTable {
  target_nid: UserNid
  /** A device id, or the public key of a master key. */
  target_key: string
  signer_nid: UserNid
  /** `ed25519:…` */
  signing_key: string
  signature: string
}
