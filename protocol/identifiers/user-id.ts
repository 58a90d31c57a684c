import { isIdentifier, splitIdentifier } from './bounds.ts'
import { isServerName } from './server-name.ts'

const NEW_LOCALPART = /^[a-z0-9._=\-/+]+$/
const COMPLIANT_LOCALPART = /^[\x21-\x39\x3b-\x7e]+$/

/**
 * Whether a text is a user id, historical ones included: localparts of any characters but `:` and U+0000, even
 * none at all. This is the measure for events of other servers (appendices, "Historical User IDs").
 */
export function isUserId(text: string): boolean {
  if (!isIdentifier(text, '@')) return false
  const parts = splitIdentifier(text)
  return parts !== undefined && isServerName(parts.domain)
}

/**
 * Whether a user id may be passed on outside an event, in device lists for example: its localpart is not empty
 * and printable ASCII.
 */
export function isCompliantUserId(text: string): boolean {
  return isUserId(text) && COMPLIANT_LOCALPART.test(localpartOf(text))
}

/** Whether a new account may have this localpart on `serverName` (appendices, "User Identifiers"). */
export function isNewLocalpart(localpart: string, serverName: string): boolean {
  return NEW_LOCALPART.test(localpart) && isUserId(`@${localpart}:${serverName}`)
}

/** The server of a user id, room alias or event id: what follows its first colon; `''` when there is none. */
export function serverOf(id: string): string {
  const colon = id.indexOf(':')
  return colon === -1 ? '' : id.slice(colon + 1)
}

/** The localpart of a user id or room alias: what stands between its sigil and the first colon. */
export function localpartOf(id: string): string {
  const colon = id.indexOf(':')
  return id.slice(1, colon === -1 ? undefined : colon)
}
