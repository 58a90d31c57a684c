import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Where users want to be notified. `about` is JSON text; `set_ts` in ms. */
export interface PusherTable {
  pusher_nid: Generated<number>
  user_nid: UserNid
  app_id: string
  pushkey: string
  kind: 'http' | 'email'
  device_id: string | null
  about: string
  enabled: boolean
  set_ts: number
  told_until: StreamPosition | null
  badge: Generated<number>
}
