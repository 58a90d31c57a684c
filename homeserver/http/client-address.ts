import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * The client's IP address. Behind a reverse proxy (`x_forwarded`) it is the last entry of `X-Forwarded-For`: the
 * nearest proxy wrote that one, earlier ones are the client's own claim.
 */
export function clientAddress(message: IncomingMessage, trustForwarded: boolean): string {
  const direct = plain(message.socket.remoteAddress ?? '')
  if (!trustForwarded) return direct
  const header = message.headers['x-forwarded-for']
  const last = plain((Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').at(-1)!.trim())
  return isIP(last) ? last : direct
}

/** An IPv4 address that arrived on a dual-stack socket, without its IPv6 clothes. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
