/**
 * Addresses that stand for no single machine, so that no exception makes sense of them by accident: "this host",
 * multicast, reserved and discard-only ranges (IANA special-purpose registries, RFC 6890). They are refused
 * whatever the configured block list says, unless the list of exceptions names them.
 */
export const ALWAYS_BLOCKED_RANGES: readonly string[] = [
  '0.0.0.0/8',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '64:ff9b:1::/48',
  '100::/64',
  'ff00::/8',
]
