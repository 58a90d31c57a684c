import type { UserNid } from '../../../storage/numeric-ids.ts'

/** A local user who does something to a room. */
export interface Actor {
  readonly userNid: UserNid
  readonly userId: string
}

/** A local user on one of their devices, whose repeated requests happen once. */
export interface DeviceActor extends Actor {
  readonly deviceId: string
}
