import { isIdentifier, splitIdentifier } from './bounds.ts'
import { isServerName } from './server-name.ts'

/**
 * Whether a text can be an event id of some room version. Ids of versions 3 and later are opaque here: one that
 * is no hash names an event that does not exist.
 */
export function isEventId(text: string): boolean {
  return text.length > 1 && isIdentifier(text, '$')
}

/** Whether a text is an event id of versions 1 and 2: `$opaque_id:domain`. */
export function isEventIdWithDomain(text: string): boolean {
  if (!isIdentifier(text, '$')) return false
  const parts = splitIdentifier(text)
  return parts !== undefined && isServerName(parts.domain)
}
