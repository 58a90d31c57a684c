import { compileGlob } from '../glob/compile-glob.ts'
import { type JsonObject, type JsonValue, ownValue } from '../json/value.ts'

/** Server names of 256 characters and more do not exist (appendices, "Server name"), so none is let in. */
const LONGEST_SERVER_NAME = 255

const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/
const PORT = /:\d{1,5}$/

/**
 * Compiles the content of a room's `m.room.server_acl` event: whether a server may take part
 * (client-server API, "Server Access Control Lists"). Case and the port do not count. Lists that are no lists
 * and entries that are no strings count as absent; without an `allow` list nobody is let in.
 *
 * The work is bounded by the event's size: entries are matched in time linear in the name, and an entry that
 * is longer than any name only fails.
 */
export function compileServerAcl(content: JsonObject): (serverName: string) => boolean {
  const allowsIpLiterals = ownValue(content, 'allow_ip_literals') !== false
  const deny = globs(ownValue(content, 'deny'))
  const allow = globs(ownValue(content, 'allow'))
  return (serverName) => {
    if (serverName.length === 0 || serverName.length > LONGEST_SERVER_NAME) return false
    const host = serverName.replace(PORT, '').toLowerCase()
    if (!allowsIpLiterals && (host.startsWith('[') || IPV4.test(host))) return false
    return !deny.some((matches) => matches(host)) && allow.some((matches) => matches(host))
  }
}

/**
 * Whether a server may take part in a room.
 *
 * @param content of the room's `m.room.server_acl` event; undefined where there is none, which lets all in.
 */
export function serverAllowedByAcl(serverName: string, content: JsonObject | undefined): boolean {
  return content === undefined || compileServerAcl(content)(serverName)
}

function globs(list: JsonValue | undefined): ((host: string) => boolean)[] {
  if (!Array.isArray(list)) return []
  const patterns = new Set<string>()
  for (const entry of list) if (typeof entry === 'string') patterns.add(entry.toLowerCase())
  return [...patterns].map((pattern) => compileGlob(pattern))
}
