import { isIdentifier, splitIdentifier } from './bounds.ts'
import { isServerName } from './server-name.ts'

/** Whether a text is a room alias, `#room_alias:domain` (appendices, "Room Aliases"). */
export function isRoomAlias(text: string): boolean {
  if (!isIdentifier(text, '#')) return false
  const parts = splitIdentifier(text)
  return parts !== undefined && isServerName(parts.domain)
}
