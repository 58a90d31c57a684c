import { LRUCache } from 'lru-cache'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import { ACCOUNT_DATA } from '../../storage/accounts/account-data-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'
import { roomLabels } from '../../storage/sliding-sync/room-labels-reader.ts'
import type { ReadServices } from '../history/read-services.ts'

/** Users who sync at the same time; some kilobytes each. */
const MAX_USERS = 5_000

/** What rooms are to a user, by the user's account data. */
export interface RoomLabels {
  /** Ids of direct chats. */
  readonly direct: ReadonlySet<string>
  readonly tags: ReadonlyMap<RoomNid, ReadonlySet<string>>
}

/** The labels of users who sync: in memory, read again when the stream changes them. */
export class LabelsOfUsers {
  readonly #queries: ReadServices['queries']
  readonly #labels = new LRUCache<UserNid, Promise<RoomLabels>>({
    maxSize: MAX_USERS,
    sizeCalculation: () => 1,
  })

  constructor({ queries }: Pick<ReadServices, 'queries'>) {
    this.#queries = queries
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const data = itemOf(ACCOUNT_DATA, committed)
      if (data?.type === 'm.direct' || data?.type === 'm.tag') this.#labels.delete(data.userNid)
    }
  }

  /** A user's labels. */
  of(userNid: UserNid): Promise<RoomLabels> {
    const known = this.#labels.get(userNid)
    if (known) return known
    const labels = this.#read(userNid)
    this.#labels.set(userNid, labels)
    labels.catch(() => this.#labels.delete(userNid))
    return labels
  }

  async #read(userNid: UserNid): Promise<RoomLabels> {
    const { direct, tags } = await roomLabels(this.#queries, userNid)
    return {
      direct: new Set(
        Object.values(objectIn(direct))
          .flat()
          .filter((value) => typeof value === 'string'),
      ),
      tags: new Map(Array.from(tags, ([roomNid, content]) => [roomNid, tagsIn(content)])),
    }
  }
}

function tagsIn(content: string): ReadonlySet<string> {
  const tags = ownValue(objectIn(content), 'tags')
  return new Set(isJsonObject(tags) ? Object.keys(tags) : [])
}

function objectIn(text: string | undefined): JsonObject {
  const value: JsonValue = text === undefined ? null : (JSON.parse(text) as JsonValue)
  return isJsonObject(value) ? value : {}
}
