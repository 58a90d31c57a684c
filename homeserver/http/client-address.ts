import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { isInRanges, type AddressRange } from './address-ranges.ts'

/** Whose word about a client's address is taken. */
export type ForwardedTrust =
  /** Whoever connects: the listener is reached through a proxy alone. */
  | { readonly from: 'anybody' }
  /** Proxies with these addresses. */
  | { readonly from: 'proxies'; readonly ranges: readonly AddressRange[] }

/** More proxies than this in a row are none of ours. */
const MAX_HOPS = 16

/**
 * The client's IP address. Behind reverse proxies it stands in `X-Forwarded-For`, to which each proxy adds the
 * address that it was called from: it is the last entry that is no proxy of ours, because earlier ones are the
 * client's own claim.
 *
 * @param trust undefined where no proxy is believed.
 */
export function clientAddress(message: IncomingMessage, trust: ForwardedTrust | undefined): string {
  const direct = plain(message.socket.remoteAddress ?? '')
  if (!trust) return direct
  const isProxy = (address: string): boolean => trust.from === 'proxies' && isInRanges(address, trust.ranges)
  if (trust.from === 'proxies' && !isProxy(direct)) return direct
  const header = message.headers['x-forwarded-for']
  const entries = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',')
  let nearest = direct
  for (const entry of entries.slice(-MAX_HOPS).reverse()) {
    const address = plain(entry.trim())
    if (!isIP(address)) return nearest
    nearest = address
    if (!isProxy(address)) break
  }
  return nearest
}

/** An IPv4 address that arrived on a dual-stack socket, without its IPv6 clothes. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
