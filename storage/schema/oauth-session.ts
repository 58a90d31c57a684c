import type { UserNid } from '../numeric-ids.ts'

/** Devices that were logged in by OAuth 2.0, with the client that did it. Goes with its device. */
export interface OAuthSessionTable {
  user_nid: UserNid
  device_id: string
  client_id: string
  scope: string
}
