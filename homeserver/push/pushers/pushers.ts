import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { Queries } from '../../../storage/database.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { Pusher } from '../../../storage/pushers/pusher.ts'
import { pushersOf } from '../../../storage/pushers/pusher-reader.ts'
import {
  deletePusher,
  putPusher,
  TooManyPushersError,
  type PusherWish,
} from '../../../storage/pushers/pusher-writer.ts'

/** A person has a handful of devices, each with a few apps; every pusher is a request for each notification. */
const MAX_PUSHERS_OF_USER = 50

/** Where users want to be notified, and who wants to know of changes. */
export class Pushers {
  readonly #queries: Queries
  readonly #head: () => StreamPosition
  readonly #listeners = new Set<(userNid: UserNid) => Promise<void>>()

  /** @param head the newest position of the stream. */
  constructor(queries: Queries, head: () => StreamPosition) {
    this.#queries = queries
    this.#head = head
  }

  /** A user's pushers. */
  of(userNid: UserNid): Promise<readonly Pusher[]> {
    return pushersOf(this.#queries, userNid)
  }

  /** Stores a pusher. @throws MatrixError 400 M_LIMIT_EXCEEDED when the user has too many. */
  async put(wish: Omit<PusherWish, 'toldUntil'>): Promise<void> {
    // Mails lag behind from the beginning; gateways are told what happens as it does.
    const toldUntil = wish.kind === 'email' ? this.#head() : null
    try {
      const others = await putPusher(this.#queries, { ...wish, toldUntil }, MAX_PUSHERS_OF_USER)
      for (const userNid of [wish.userNid, ...others]) await this.changed(userNid)
    } catch (error) {
      if (!(error instanceof TooManyPushersError)) throw error
      throw new MatrixError(
        400,
        'M_RESOURCE_LIMIT_EXCEEDED',
        `A user may have ${MAX_PUSHERS_OF_USER} pushers at most; remove one first`,
      )
    }
  }

  /** Removes a pusher, if there is one. */
  async remove(userNid: UserNid, appId: string, pushkey: string): Promise<void> {
    if (await deletePusher(this.#queries, userNid, appId, pushkey)) await this.changed(userNid)
  }

  /** Something else has changed a user's pushers: devices have gone, for example. */
  async changed(userNid: UserNid): Promise<void> {
    for (const listener of this.#listeners) await listener(userNid)
  }

  /** Calls `listener` after every change of a user's pushers; whoever makes the change waits for it. */
  onChange(listener: (userNid: UserNid) => Promise<void>): void {
    this.#listeners.add(listener)
  }
}
