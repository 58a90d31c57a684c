import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { ALWAYS_BLOCKED_RANGES } from './blocked-ranges.ts'
import { embeddedIpv4 } from './embedded-ipv4.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = [Address, number]

/** Which addresses requests to others' servers may go to. */
export interface AddressRules {
  /** Whether a connection may be made to an IP address, given as text without brackets. */
  isAllowed(address: string): boolean
}

function parseRange(text: string): Range {
  return text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), isIP(text) === 4 ? 32 : 128]
}

function contains(ranges: readonly Range[], address: Address): boolean {
  return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))
}

/**
 * @param blocked ranges (`10.0.0.0/8`, `fe80::/10`) or single addresses that must not be connected to, besides
 *   {@link ALWAYS_BLOCKED_RANGES}.
 * @param allowed exceptions from `blocked`.
 * @throws Error when an entry is neither.
 */
export function addressRules(blocked: readonly string[], allowed: readonly string[]): AddressRules {
  const blockedRanges = [...ALWAYS_BLOCKED_RANGES, ...blocked].map(parseRange)
  const allowedRanges = allowed.map(parseRange)

  const passes = (address: Address): boolean => {
    if (contains(allowedRanges, address)) return true
    const inner = address instanceof ipaddr.IPv6 ? embeddedIpv4(address) : []
    return !contains(blockedRanges, address) && inner.every(passes)
  }

  return {
    isAllowed(text) {
      // ipaddr.js also reads octal and hexadecimal forms, which no resolver should be handing over.
      if (isIP(text) === 0 || text.includes('%')) return false
      const address = ipaddr.parse(text)
      const mapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()
      return passes(mapped ? address.toIPv4Address() : address)
    },
  }
}
