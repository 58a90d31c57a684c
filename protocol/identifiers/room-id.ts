import { isIdentifier, splitIdentifier } from './bounds.ts'
import { isServerName } from './server-name.ts'

const HASH_ROOM_ID = /^![A-Za-z0-9_-]{43}$/

/** Whether a text is a room id of some room version. */
export function isRoomId(text: string): boolean {
  return isHashRoomId(text) || isRoomIdWithDomain(text)
}

/** Whether a text is a room id of versions 12 and later: the hash of the create event, no domain. */
export function isHashRoomId(text: string): boolean {
  return HASH_ROOM_ID.test(text)
}

/** Whether a text is a room id of versions 1 to 11: `!opaque_id:domain`. */
export function isRoomIdWithDomain(text: string): boolean {
  if (!isIdentifier(text, '!')) return false
  const parts = splitIdentifier(text)
  return parts !== undefined && isServerName(parts.domain)
}
