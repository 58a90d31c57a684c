import ipaddr from 'ipaddr.js'

/** Where the IPv4 address starts in an IPv6 address of a translation prefix, in bytes. */
const TRANSLATION_PREFIXES: readonly { range: [ipaddr.IPv6, number]; offset: number }[] = [
  // IPv4-compatible (RFC 4291, 2.5.5.1) and IPv4-mapped (2.5.5.2)
  { range: ipaddr.IPv6.parseCIDR('::/96'), offset: 12 },
  { range: ipaddr.IPv6.parseCIDR('::ffff:0:0/96'), offset: 12 },
  // IPv4-translated (RFC 2765)
  { range: ipaddr.IPv6.parseCIDR('::ffff:0:0:0/96'), offset: 12 },
  // NAT64 (RFC 6052)
  { range: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), offset: 12 },
  // 6to4 (RFC 3056)
  { range: ipaddr.IPv6.parseCIDR('2002::/16'), offset: 2 },
  // Teredo (RFC 4380): the relay's own address
  { range: ipaddr.IPv6.parseCIDR('2001::/32'), offset: 4 },
]
const TEREDO = ipaddr.IPv6.parseCIDR('2001::/32')

/** The IPv4 addresses that a network may deliver to when it is given this IPv6 address. */
export function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const bytes = address.toByteArray()
  const found = TRANSLATION_PREFIXES.filter(({ range }) => address.match(range)).map(
    ({ offset }) => new ipaddr.IPv4(bytes.slice(offset, offset + 4)),
  )
  // Teredo hides the client's address by inverting its bits.
  if (address.match(TEREDO)) found.push(new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff)))
  return found
}
