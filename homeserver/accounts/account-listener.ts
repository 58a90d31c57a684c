import type { LocalUser } from './sessions.ts'

/**
 * Told of what happens to accounts, after it is stored and before the client is answered. Rooms, devices' keys and
 * pushers live on other shelves of the house and hang their part of the work in here.
 */
export interface AccountListener {
  /** A new account: rooms to join automatically. */
  accountCreated?(user: LocalUser): Promise<void>
  /** `displayname` or `avatar_url` or another field changed or went: member events in the user's rooms. */
  profileChanged?(user: LocalUser, field: string): Promise<void>
  /** Devices are gone, with their keys, messages and pushers. After a crash it is told once more. */
  devicesDeleted?(user: LocalUser, deviceIds: readonly string[]): Promise<void>
  /** Somebody has registered an account with a proved mail address. */
  addressRegistered?(user: LocalUser, address: string): Promise<void>
  /** An account has lost a mail address, and with it the pusher that mailed there. */
  addressRemoved?(user: LocalUser, address: string): Promise<void>
  /** The account has been closed: leave all rooms. */
  accountDeactivated?(user: LocalUser, erase: boolean): Promise<void>
}
