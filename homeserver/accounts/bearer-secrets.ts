import { hash, randomBytes, randomInt } from 'node:crypto'

/** 256 bits: nobody guesses one, so a plain hash is enough to store it. */
const SECRET_BYTES = 32
const DEVICE_ID_LETTERS = 10
const GENERATED_LOCALPART_BYTES = 8

/** A new access token. The prefix lets secret scanners recognise it. */
export function newAccessToken(): string {
  return `mrd_${randomBytes(SECRET_BYTES).toString('base64url')}`
}

/** A new refresh token. */
export function newRefreshToken(): string {
  return `mrr_${randomBytes(SECRET_BYTES).toString('base64url')}`
}

/** A new single-use login token. */
export function newLoginToken(): string {
  return `mrl_${randomBytes(SECRET_BYTES).toString('base64url')}`
}

/** A new token that tells other services who a user is. */
export function newOpenIdToken(): string {
  return `mro_${randomBytes(SECRET_BYTES).toString('base64url')}`
}

/** A new id of a session of user-interactive authentication, or a nonce. */
export function newSessionId(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** A new device id: ten capital letters, which people compare by eye when they verify a device. */
export function newDeviceId(): string {
  return Array.from({ length: DEVICE_ID_LETTERS }, () => String.fromCharCode(65 + randomInt(26))).join('')
}

/** A localpart for a user who named none. */
export function newLocalpart(): string {
  return `u${randomBytes(GENERATED_LOCALPART_BYTES).toString('hex')}`
}

/** What is stored of a bearer secret: its SHA-256. */
export function secretHash(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
