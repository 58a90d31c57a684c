import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** Logged-in clients. `display_name` is JSON text, because the name may hold U+0000. Timestamps in ms. */
export interface DeviceTable {
  user_nid: UserNid
  device_id: string
  display_name: string | null
  created_ts: number
  last_seen_ts: number | null
  last_seen_ip: string | null
  /** Under which session of an identity provider: SHA-256 of both. */
  sso_session: Generated<Buffer | null>
}
