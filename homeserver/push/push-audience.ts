import { LRUCache } from 'lru-cache'
import { parseJson } from '../../protocol/json/parse.ts'
import { ACCOUNT_DATA, NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import type { Queries } from '../../storage/database.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'
import {
  accountDataOf,
  allUsersWithAccountData,
  joinedCount,
  membersWithAccountData,
  type UserData,
} from '../../storage/push/changed-rules-reader.ts'
import { FULL_HEARING, type Hearing } from '../../storage/push/event-reach.ts'
import { threadSubscribers } from '../../storage/relations/thread-subscription-reader.ts'
import { MAIN_THREAD } from '../../storage/rooms/threads.ts'
import { parseStoredPushRules, PUSH_RULES_TYPE } from '../accounts/push-rules.ts'
import { ignoredUsersIn, IGNORED_USERS_TYPE } from '../moderation/ignored-users.ts'
import { hearingOf, listenerOf, type Listener } from './listener.ts'
import { stateChangeOf } from '../../storage/partial-joins/settled-state.ts'

/** The account data by which events become something else to a user than to everybody. */
const TYPES: readonly string[] = [PUSH_RULES_TYPE, IGNORED_USERS_TYPE]

/** Rooms with traffic at the same time. */
const MAX_ROOMS = 20_000

/** Compiled rules of all users, by the length of what they were made of. */
const MAX_RULES_LENGTH = 32 * 1024 * 1024
const LENGTH_OF_DEFAULT_RULES = 2_000

/** Users whose rules are read at a time, so that large ones do not come all at once. */
const MAX_READ_AT_ONCE = 200

/**
 * The users to whom events may be something else than to everybody, because their push rules are not the default
 * ones or because they ignore somebody. All of it is read from account data when needed, and kept by the stream.
 */
export class PushAudience {
  /** Whether threads notify those alone who have subscribed to them. */
  readonly followsThreads: boolean
  readonly #queries: Queries
  readonly #deviating = new Set<UserNid>()
  readonly #listeners: LRUCache<UserNid, Listener>
  readonly #members = new LRUCache<RoomNid, Promise<Set<UserNid>>>({ max: MAX_ROOMS })
  readonly #counts = new LRUCache<RoomNid, Promise<number>>({ max: MAX_ROOMS })
  #known: Promise<void> | undefined
  /** Grows with every change of rules, so that what was read before is not kept after it. */
  #changes = 0

  constructor(queries: Queries, { followsThreads = false } = {}) {
    this.#queries = queries
    this.followsThreads = followsThreads
    this.#listeners = new LRUCache({ maxSize: MAX_RULES_LENGTH })
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const data = itemOf(ACCOUNT_DATA, committed)
      if (data && data.roomNid === NO_ROOM && TYPES.includes(data.type)) this.#change(data.userNid)
      const event = stateChangeOf(committed)
      if (!event || event.memberships.length === 0) continue
      this.#counts.delete(event.roomNid)
      void this.#members.peek(event.roomNid)?.then(
        (members) => {
          for (const { userNid, membership } of event.memberships) {
            if (membership === 'join' && this.#deviating.has(userNid)) members.add(userNid)
            else if (membership !== 'join') members.delete(userNid)
          }
        },
        () => undefined,
      )
    }
  }

  /** The joined members of a room whose rules have to be evaluated one by one. */
  async inRoom(roomNid: RoomNid): Promise<readonly Listener[]> {
    await this.#load()
    if (this.#deviating.size === 0) return []
    let members = this.#members.get(roomNid)
    if (!members) {
      members = membersWithAccountData(this.#queries, roomNid, TYPES).then((users) => new Set(users))
      this.#members.set(roomNid, members)
      members.catch(() => this.#members.delete(roomNid))
    }
    const users = await members
    return users.size === 0 ? [] : [...(await this.#listenersOf([...users])).values()]
  }

  /** Users by number, with what their rules are; for those with default rules, too. */
  async of(users: ReadonlyMap<UserNid, string>): Promise<readonly Listener[]> {
    if (users.size === 0) return []
    await this.#load()
    const own = await this.#listenersOf([...users.keys()].filter((userNid) => this.#deviating.has(userNid)))
    return Array.from(users, ([userNid, userId]) => own.get(userNid) ?? listenerOf(userNid, userId))
  }

  /** What of rooms reaches a user. */
  async hearings(userNid: UserNid, roomIds: readonly string[]): Promise<ReadonlyMap<string, Hearing>> {
    await this.#load()
    const own = this.#deviating.has(userNid) ? (await this.#listenersOf([userNid])).get(userNid) : undefined
    return new Map(roomIds.map((roomId) => [roomId, own ? hearingOf(own, roomId) : FULL_HEARING]))
  }

  /** The members who follow a thread; undefined for no thread, and where nobody follows any. */
  async subscribers(roomNid: RoomNid, thread: string): Promise<ReadonlySet<UserNid> | undefined> {
    if (!this.followsThreads || thread === MAIN_THREAD) return undefined
    return threadSubscribers(this.#queries, { roomNid, rootEventId: thread })
  }

  /** How many users are joined to a room. */
  memberCount(roomNid: RoomNid): Promise<number> {
    const known = this.#counts.get(roomNid)
    if (known) return known
    const count = joinedCount(this.#queries, roomNid)
    this.#counts.set(roomNid, count)
    count.catch(() => this.#counts.delete(roomNid))
    return count
  }

  #change(userNid: UserNid): void {
    this.#changes += 1
    this.#listeners.delete(userNid)
    if (this.#deviating.has(userNid)) return
    this.#deviating.add(userNid)
    // Which of the rooms at hand are theirs is asked again, once in a user's life.
    this.#members.clear()
  }

  #load(): Promise<void> {
    this.#known ??= allUsersWithAccountData(this.#queries, TYPES).then(
      (users) => {
        for (const userNid of users) this.#deviating.add(userNid)
      },
      (error: unknown) => {
        this.#known = undefined
        throw error
      },
    )
    return this.#known
  }

  async #listenersOf(users: readonly UserNid[]): Promise<ReadonlyMap<UserNid, Listener>> {
    const found = new Map<UserNid, Listener>()
    const unknown: UserNid[] = []
    for (const userNid of users) {
      const listener = this.#listeners.get(userNid)
      if (listener) found.set(userNid, listener)
      else unknown.push(userNid)
    }
    for (let start = 0; start < unknown.length; start += MAX_READ_AT_ONCE) {
      const changes = this.#changes
      const data = await accountDataOf(this.#queries, unknown.slice(start, start + MAX_READ_AT_ONCE), TYPES)
      for (const ofUser of Map.groupBy(data, ({ userNid }) => userNid).values()) {
        const listener = readListener(ofUser)
        found.set(listener.userNid, listener)
        const length = ofUser.reduce((sum, { content }) => sum + content.length, LENGTH_OF_DEFAULT_RULES)
        if (changes === this.#changes) this.#listeners.set(listener.userNid, listener, { size: length })
      }
    }
    return found
  }
}

function readListener(data: readonly UserData[]): Listener {
  const { userNid, userId } = data[0]!
  const contentOf = (wanted: string): string | undefined => data.find(({ type }) => type === wanted)?.content
  const ignored = contentOf(IGNORED_USERS_TYPE)
  return listenerOf(
    userNid,
    userId,
    parseStoredPushRules(contentOf(PUSH_RULES_TYPE)),
    ignoredUsersIn(ignored === undefined ? undefined : parseJson(ignored)),
  )
}
