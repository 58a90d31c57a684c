import type { UserNid } from '../numeric-ids.ts'

/** Identity keys of devices. Both texts are canonical JSON, which escapes U+0000. */
export interface DeviceKeyTable {
  user_nid: UserNid
  device_id: string
  content: string
  signatures: string
}
