import type { UserNid } from '../numeric-ids.ts'

/** What a cross-signing key is for. */
export type CrossSigningUsage = 'master' | 'self_signing' | 'user_signing'

/** Cross-signing keys. Content and signatures are canonical JSON. */
export interface CrossSigningKeyTable {
  user_nid: UserNid
  usage: CrossSigningUsage
  public_key: string
  content: string
  signatures: string
}
