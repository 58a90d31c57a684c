import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** A network: its address and how many bits of it count. */
export type AddressRange = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Reads addresses and ranges in CIDR form. @throws Error for what is neither; the configuration refuses it before. */
export function addressRanges(texts: readonly string[]): AddressRange[] {
  return texts.map((text) => {
    if (text.includes('/')) return ipaddr.parseCIDR(text)
    const address = ipaddr.parse(text)
    return [address, address.toByteArray().length * 8]
  })
}

/** Whether an address lies in one of the ranges. */
export function isInRanges(address: string, ranges: readonly AddressRange[]): boolean {
  if (!isIP(address)) return false
  const parsed = ipaddr.process(address)
  return ranges.some(
    ([network, bits]) =>
      network.toByteArray().length === parsed.toByteArray().length && parsed.match(network, bits),
  )
}
