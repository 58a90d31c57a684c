import { LRUCache } from 'lru-cache'
import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonValue } from '../../protocol/json/value.ts'
import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import { ACCOUNT_DATA, NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import type { Queries } from '../../storage/database.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'

/** Users at once. Most have no such setting, which takes about 100 bytes. */
const MAX_USERS = 20_000

/** What users have set in one type of their global account data, read once and kept up to date by the stream. */
export class AccountSetting<Value> {
  readonly #queries: Queries
  readonly #type: string
  readonly #read: (content: JsonValue | undefined) => Value
  readonly #known = new LRUCache<UserNid, { readonly value: Promise<Value> }>({ max: MAX_USERS })

  /** @param read makes a value of the content, which is undefined where there is none. */
  constructor(queries: Queries, type: string, read: (content: JsonValue | undefined) => Value) {
    this.#queries = queries
    this.#type = type
    this.#read = read
  }

  /** What a user has set. */
  of(userNid: UserNid): Promise<Value> {
    const known = this.#known.get(userNid)
    if (known) return known.value
    const value = findAccountData(this.#queries, userNid, NO_ROOM, this.#type).then((text) =>
      this.#read(text === undefined ? undefined : parseJson(text)),
    )
    this.#known.set(userNid, { value })
    value.catch(() => this.#known.delete(userNid))
    return value
  }

  /** Keeps up with what is committed. A read that is under way may have missed it, so it is not kept. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const data = itemOf(ACCOUNT_DATA, committed)
      if (data?.type === this.#type && data.roomNid === NO_ROOM) this.#known.delete(data.userNid)
    }
  }
}
