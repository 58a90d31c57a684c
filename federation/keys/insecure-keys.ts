/**
 * Public keys, in unpadded base64, with which anybody can sign: a signature by them proves nothing, so no server is
 * believed to have them. Administrators add to them by `federation_blocked_signing_keys`.
 */
export const INSECURE_KEYS: readonly string[] = [
  // Shipped with every installation of a deployment tool (CVE-2026-24044).
  'l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og',
  // Printed with their private halves: in the appendices of the Matrix specification, and in RFC 8032, section 7.1.
  'XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI',
  ...[
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    // Points of small order, for which one signature fits every message.
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  ].map((hex) => Buffer.from(hex, 'hex').toString('base64').replace(/=+$/, '')),
]

/** Whether a key may not prove anything. @param blocked further keys, in base64, padded or not. */
export function insecureKeys(blocked: readonly string[]): (publicKey: Buffer) => boolean {
  const all = new Set([...INSECURE_KEYS, ...blocked].map((key) => key.replace(/=+$/, '')))
  return (publicKey) => all.has(publicKey.toString('base64').replace(/=+$/, ''))
}
