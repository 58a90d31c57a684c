import type { UserNid } from '../numeric-ids.ts'

/** Stored sync filters; `definition` is JSON text, its SHA-256 keeps equal ones single. */
export interface FilterTable {
  user_nid: UserNid
  filter_id: number
  definition_hash: Buffer
  definition: string
}
