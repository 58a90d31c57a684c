import type { VerifyKey } from './verify-key.ts'

/** A key that somebody needs. */
export interface KeyRequest {
  readonly server: string
  readonly keyId: string
  /** Milliseconds since the epoch; 0 when a key that has run out will do. */
  readonly minimumValidUntil: number
}

/** Keys by server and key id. */
export type KnownKeys = ReadonlyMap<string, ReadonlyMap<string, VerifyKey>>

/** Whether a key is at hand that need not be asked for again. An old key is final: it changes no more. */
export function isSatisfied(request: KeyRequest, keys: ReadonlyMap<string, VerifyKey> | undefined): boolean {
  const key = keys?.get(request.keyId)
  return key !== undefined && (key.expiredTs !== null || key.validUntilTs >= request.minimumValidUntil)
}
