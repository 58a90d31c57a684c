import { LRUCache } from 'lru-cache'
import { findTokenOwner } from '../../storage/accounts/token-reader.ts'
import { revokeReplacedRefreshToken } from '../../storage/accounts/token-writer.ts'
import type { Queries } from '../../storage/database.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { AppService } from '../appservices/registration/app-service.ts'
import { masquerade } from '../appservices/masquerade.ts'
import { secretHash } from './bearer-secrets.ts'

/** Devices that are active at the same time; about 300 bytes each. */
const MAX_CACHED_SESSIONS = 100_000

/** A user of this server. */
export interface LocalUser {
  readonly userNid: UserNid
  readonly userId: string
}

/** Whom an access token speaks for. */
export interface Session extends LocalUser {
  /** Undefined where an application service acts for the user without a device. */
  readonly deviceId: string | undefined
  readonly admin: boolean
  readonly guest: boolean
  readonly locked: boolean
  readonly suspended: boolean
  /** Milliseconds since the epoch; null for never. */
  readonly expiresTs: number | null
  /** The application service that acts for the user, by its own token. */
  readonly appService?: AppService
  /** Whether no rate limit holds. */
  readonly unlimited?: boolean
}

/**
 * Access tokens to sessions, in memory after the first use. Whatever changes or ends sessions in the database
 * must then `forget` them here.
 */
export class Sessions {
  readonly #queries: Queries
  readonly #byUser = new Map<UserNid, Set<string>>()
  readonly #byHash = new LRUCache<string, Session>({
    // Bounded by size and not by number, because a number has the cache take room for all of them beforehand.
    maxSize: MAX_CACHED_SESSIONS,
    sizeCalculation: () => 1,
    dispose: (session, hash) => this.#unindex(session, hash),
  })
  readonly #listeners = new Set<(userNid: UserNid) => void>()
  #forgotten = 0

  constructor(queries: Queries) {
    this.#queries = queries
  }

  /** The session of an access token; undefined when it is unknown. It may have expired. */
  async find(accessToken: string): Promise<Session | undefined> {
    const hash = secretHash(accessToken)
    const key = hash.toString('base64')
    return this.#byHash.get(key) ?? this.#load(hash, key)
  }

  /**
   * The session of an application service that acts for a user.
   *
   * @throws MatrixError as `masquerade`.
   */
  async actFor(appService: AppService, userId: string, deviceId: string | undefined): Promise<Session> {
    // No hash of a token looks like this.
    const key = JSON.stringify([appService.id, userId, deviceId])
    return (
      this.#byHash.get(key) ??
      this.#loadUnlessForgotten(key, () => masquerade(this.#queries, appService, userId, deviceId))
    )
  }

  /** Forgets what is known of a user's sessions, or of those on some devices. */
  forget(userNid: UserNid, deviceIds?: readonly string[]): void {
    this.#forgotten += 1
    for (const key of [...(this.#byUser.get(userNid) ?? [])]) {
      const session = this.#byHash.peek(key)
      if (session && (!deviceIds || deviceIds.some((id) => id === session.deviceId))) this.#byHash.delete(key)
    }
    for (const listener of this.#listeners) listener(userNid)
  }

  /** Calls `listener` when sessions of a user may have changed or ended. Returns what ends that. */
  onForget(listener: (userNid: UserNid) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #load(hash: Buffer, key: string): Promise<Session | undefined> {
    return this.#loadUnlessForgotten(key, async () => {
      const owner = await findTokenOwner(this.#queries, hash)
      if (!owner) return undefined
      const { replacesRefreshHash, ...session } = owner
      if (replacesRefreshHash) await revokeReplacedRefreshToken(this.#queries, replacesRefreshHash)
      return session
    })
  }

  async #loadUnlessForgotten<Found extends Session | undefined>(
    key: string,
    load: () => Promise<Found>,
  ): Promise<Found> {
    const forgottenBefore = this.#forgotten
    const session = await load()
    // A session that was ended while it was being read must not come back to life.
    if (session && this.#forgotten === forgottenBefore) this.#remember(key, session)
    return session
  }

  #remember(key: string, session: Session): void {
    this.#byHash.set(key, session)
    const keys = this.#byUser.get(session.userNid) ?? new Set<string>()
    this.#byUser.set(session.userNid, keys.add(key))
  }

  #unindex(session: Session, key: string): void {
    const keys = this.#byUser.get(session.userNid)
    keys?.delete(key)
    if (keys?.size === 0) this.#byUser.delete(session.userNid)
  }
}
