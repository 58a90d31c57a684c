import type { UserNid } from '../numeric-ids.ts'

/** The device of each user that nobody is logged in with and that takes messages while all others are away. */
export interface DehydratedDeviceTable {
  user_nid: UserNid
  device_id: string
  /** JSON text of an object. */
  device_data: string
}
