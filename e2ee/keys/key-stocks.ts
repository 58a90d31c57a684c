import { LRUCache } from 'lru-cache'
import type { Queries } from '../../storage/database.ts'
import { KEY_STOCK_CHANGE, type LocalDevice } from '../../storage/e2ee/key-stock-change.ts'
import { keyStockOf, type KeyStock } from '../../storage/e2ee/one-time-keys.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { itemOf } from '../../storage/position/committed-write.ts'
import type { Committer } from '../../storage/position/committer.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'

/** Devices that sync at the same time; about 300 bytes each. */
const MAX_CACHED = 50_000
/** Devices of which keys were claimed lately: long enough for a client to come back after its last answer. */
const MAX_CHANGES = 50_000

/** Counts of these are told even when they are zero: clients take a missing one for a server that cannot count. */
const ALWAYS_COUNTED = 'signed_curve25519'

export interface KeyStocksWiring {
  readonly queries: Queries
  readonly committer: Pick<Committer, 'onCommit' | 'submit'>
  /** Wakes the waiting devices of a user. */
  readonly wakeUser: (userNid: UserNid) => void
}

/** What each device has left to give out, in memory after the first look. */
export class KeyStocks {
  readonly #queries: Queries
  readonly #committer: Pick<Committer, 'submit'>
  readonly #stocks = new LRUCache<string, Promise<KeyStock>>({ max: MAX_CACHED })
  readonly #changes = new LRUCache<string, StreamPosition>({ max: MAX_CHANGES })

  constructor({ queries, committer, wakeUser }: KeyStocksWiring) {
    this.#queries = queries
    this.#committer = committer
    committer.onCommit((writes) => {
      for (const write of writes) {
        for (const device of itemOf(KEY_STOCK_CHANGE, write) ?? []) {
          this.#changes.set(nameOf(device), write.position)
          wakeUser(device.userNid)
        }
      }
    })
  }

  /** What a device has left. */
  of(device: LocalDevice): Promise<KeyStock> {
    const name = nameOf(device)
    const known = this.#stocks.get(name)
    if (known) return known
    const loaded = keyStockOf(this.#queries, device.userNid, device.deviceId)
    this.#stocks.set(name, loaded)
    loaded.catch(() => {
      if (this.#stocks.peek(name) === loaded) this.#stocks.delete(name)
    })
    return loaded
  }

  /** Counts anew: keys were added, or went with their device. After the write. */
  forget(device: LocalDevice): void {
    this.#stocks.delete(nameOf(device))
  }

  /** Counts anew and tells those who wait: keys were given out. After the write. */
  async given(devices: readonly LocalDevice[]): Promise<void> {
    for (const device of devices) this.forget(device)
    await this.#committer.submit(KEY_STOCK_CHANGE, devices)
  }

  /** Whether keys of a device were given out after a position, as far as is known. */
  changedAfter(device: LocalDevice, after: StreamPosition | undefined): boolean {
    const change = this.#changes.get(nameOf(device))
    return change !== undefined && (after === undefined || isAfter(change, after))
  }

  /** `device_one_time_keys_count` and `device_unused_fallback_key_types` of a device as JSON texts. */
  async fieldsOf(device: LocalDevice): Promise<Record<string, string>> {
    const stock = await this.of(device)
    return {
      device_one_time_keys_count: JSON.stringify(keyCounts(stock)),
      device_unused_fallback_key_types: JSON.stringify(stock.unusedFallbackAlgorithms),
    }
  }
}

/** Counts by algorithm. */
export function keyCounts({ oneTimeKeys }: KeyStock): Record<string, number> {
  return { [ALWAYS_COUNTED]: 0, ...Object.fromEntries(oneTimeKeys) }
}

function nameOf({ userNid, deviceId }: LocalDevice): string {
  return `${userNid}/${deviceId}`
}
