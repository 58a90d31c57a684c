import type { KeyObject } from 'node:crypto'

/**
 * However long a server says that its keys are valid, after this long they are asked for again: a stolen key could
 * otherwise never be withdrawn (server-server API, "Publishing Keys", `valid_until_ts`).
 */
export const MAX_VALIDITY_MS = 7 * 24 * 3_600_000

/** A server's public signing key with its validity. Milliseconds since the epoch. */
export interface VerifyKey {
  readonly publicKey: KeyObject
  readonly validUntilTs: number
  /** When the server stopped using it; null while it is in use. */
  readonly expiredTs: number | null
}

/**
 * Whether a key may have signed an event.
 *
 * @param enforceValidity the rule of the room's version: before version 5 any key that the server ever had will do
 *   (room version 5, "Signing key validity period").
 */
export function isValidForEvent(key: VerifyKey, originServerTs: number, enforceValidity: boolean): boolean {
  return !enforceValidity || originServerTs <= (key.expiredTs ?? key.validUntilTs)
}

/** Whether a key may sign requests: old keys are for events alone ("Publishing Keys"). */
export function isValidForRequest(key: VerifyKey, now: number): boolean {
  return key.expiredTs === null && now <= key.validUntilTs
}
