import type { UserNid } from '../numeric-ids.ts'

/** Mail addresses of accounts, in lower case. Timestamps in ms. */
export interface ThirdPartyIdTable {
  medium: 'email'
  address: string
  user_nid: UserNid
  validated_ts: number
  added_ts: number
}
