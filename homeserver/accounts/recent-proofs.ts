import { LRUCache } from 'lru-cache'
import type { Session } from './sessions.ts'

/** Devices that have just proved something; forgetting one costs its user a password. */
const MAX_REMEMBERED = 10_000

/** Which devices have just proved that their user is there (`ui_auth.session_timeout`). A restart forgets it. */
export class RecentProofs {
  readonly #lifetimeMs: number
  readonly #provedAt = new LRUCache<string, number>({ maxSize: MAX_REMEMBERED, sizeCalculation: () => 1 })

  /** @param lifetimeMs for how long a proof counts; 0 for never. */
  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs
  }

  note(session: Pick<Session, 'userNid' | 'deviceId'>): void {
    if (this.#lifetimeMs > 0) this.#provedAt.set(keyOf(session), Date.now())
  }

  has(session: Pick<Session, 'userNid' | 'deviceId'>): boolean {
    const provedAt = this.#provedAt.get(keyOf(session))
    return provedAt !== undefined && Date.now() - provedAt < this.#lifetimeMs
  }

  /** A device that ends, or begins anew, has proved nothing. */
  forget(session: Pick<Session, 'userNid' | 'deviceId'>): void {
    this.#provedAt.delete(keyOf(session))
  }
}

function keyOf({ userNid, deviceId }: Pick<Session, 'userNid' | 'deviceId'>): string {
  return `${userNid}/${deviceId}`
}
