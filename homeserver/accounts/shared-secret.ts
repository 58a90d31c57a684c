import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a request for shared-secret registration claims. */
export interface SharedSecretClaim {
  readonly nonce: string
  readonly username: string
  readonly password: string
  readonly admin: boolean
  readonly userType: string | undefined
  /** Hexadecimal HMAC-SHA1. */
  readonly mac: string
}

/** Whether the claim's MAC was made with `registration_shared_secret` (the format is Synapse's). */
export function isClaimAuthentic(claim: SharedSecretClaim, secret: string): boolean {
  const parts = [claim.nonce, claim.username, claim.password, claim.admin ? 'admin' : 'notadmin']
  if (claim.userType !== undefined) parts.push(claim.userType)
  const expected = createHmac('sha1', secret).update(parts.join('\0')).digest()
  const given = Buffer.from(claim.mac, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
