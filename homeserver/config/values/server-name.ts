import { isIPv6 } from 'node:net'
import { z } from 'zod'

const HIGHEST_PORT = 65_535
/** Matrix identifiers are at most 255 bytes, and a server's name is the end of many (appendices, "Identifier Grammar"). */
const MAX_LENGTH = 230
const GRAMMAR = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|[0-9A-Za-z.-]{1,255})(?::(\d{1,5}))?$/

function isServerName(text: string): boolean {
  const match = GRAMMAR.exec(text)
  if (!match || text.length > MAX_LENGTH) return false
  if (match[1] !== undefined && !isIPv6(match[1])) return false
  return match[2] === undefined || Number(match[2]) <= HIGHEST_PORT
}

/** A server's name (appendices, "Server Name"): host name or IP literal, with an optional port. */
export const serverName = z
  .string()
  .refine(isServerName, 'expects a server name such as example.org (no https://, no path)')
