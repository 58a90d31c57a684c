import { LRUCache } from 'lru-cache'
import { newSessionId } from './bearer-secrets.ts'

/** As in Synapse: long enough for a script, short enough to be useless when it leaks. */
const NONCE_LIFETIME_MS = 60_000
const MAX_NONCES = 1_000

/** Single-use nonces of the shared-secret registration. A restart loses them, which costs the caller one retry. */
export class RegistrationNonces {
  readonly #open = new LRUCache<string, true>({ max: MAX_NONCES, ttl: NONCE_LIFETIME_MS })

  /** A new nonce. */
  issue(): string {
    const nonce = newSessionId()
    this.#open.set(nonce, true)
    return nonce
  }

  /** Uses a nonce up. Returns whether it was good. */
  take(nonce: string): boolean {
    return this.#open.has(nonce) && this.#open.delete(nonce)
  }
}
