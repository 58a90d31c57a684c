import type { Queries } from '../../../storage/database.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import type { Pusher } from '../../../storage/pushers/pusher.ts'
import { allPushers, pushersOf } from '../../../storage/pushers/pusher-reader.ts'
import { OneAtATime } from '../../turns/one-at-a-time.ts'
import type { PushingUsers } from '../delivery/spread.ts'

/** The users who want mail about what they have not read. */
export class MailUsers implements PushingUsers {
  readonly #queries: Queries
  readonly #userIds = new Map<UserNid, string>()
  readonly #userNids = new Map<string, UserNid>()
  readonly #turns = new OneAtATime()

  constructor(queries: Queries) {
    this.#queries = queries
  }

  /** Reads who they are. */
  async start(): Promise<void> {
    for await (const page of allPushers(this.#queries)) for (const pusher of page) this.#add(pusher)
  }

  /** Looks at a user's pushers anew. Returns whether the user has come or gone. */
  reload(userNid: UserNid): Promise<boolean> {
    return this.#turns.take(String(userNid), async () => {
      const before = this.#userIds.get(userNid)
      const pushers = await pushersOf(this.#queries, userNid)
      this.#userIds.delete(userNid)
      if (before !== undefined) this.#userNids.delete(before)
      for (const pusher of pushers) this.#add(pusher)
      return this.has(userNid) !== (before !== undefined)
    })
  }

  get isEmpty(): boolean {
    return this.#userIds.size === 0
  }

  has(userNid: UserNid): boolean {
    return this.#userIds.has(userNid)
  }

  among(userIds: readonly string[]): ReadonlyMap<UserNid, string> {
    const found = new Map<UserNid, string>()
    for (const userId of userIds) {
      const userNid = this.#userNids.get(userId)
      if (userNid !== undefined) found.set(userNid, userId)
    }
    return found
  }

  userIdOf(userNid: UserNid): string | undefined {
    return this.#userIds.get(userNid)
  }

  #add({ enabled, kind, userNid, userId }: Pusher): void {
    if (!enabled || kind !== 'email') return
    this.#userIds.set(userNid, userId)
    this.#userNids.set(userId, userNid)
  }
}
