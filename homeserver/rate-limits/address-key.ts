import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Whoever has one IPv6 address has the whole /64 around it. */
const IPV6_PREFIX_PARTS = 4

/** The key under which a client's address is limited: the address itself, or the network of an IPv6 address. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address
  const { parts } = ipaddr.IPv6.parse(address.split('%')[0]!)
  return parts
    .slice(0, IPV6_PREFIX_PARTS)
    .map((part) => part.toString(16))
    .join(':')
}
