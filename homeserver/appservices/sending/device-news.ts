import {
  devicesOfService,
  messagesForService,
  type ServiceUsers,
} from '../../../storage/appservices/device-news.ts'
import type { CarriedMessage } from '../../../storage/appservices/transactions.ts'
import { usersWithChanges } from '../../../storage/e2ee/device-list-reader.ts'
import { keyStockOf } from '../../../storage/e2ee/one-time-keys.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import { isAfter, laterOf, type StreamPosition } from '../../../storage/position/position.ts'
import type { AppService } from '../registration/app-service.ts'
import { audienceOf, movesIn } from './device-audience.ts'
import type { SenderParts } from './sender-parts.ts'
import type { ServiceItem } from './service-item.ts'

/** Messages of one transaction, as of one answer of `/sync`. */
const MAX_MESSAGES = 100
/** Devices whose keys are counted in one transaction; each is a query. */
const MAX_COUNTED = 100
/** Counts of these are told even when they are zero. */
const ALWAYS_COUNTED = { signed_curve25519: 0 }

/** What a transaction says of devices: JSON texts by key. */
export interface DeviceParts {
  readonly fields: Readonly<Record<string, string>>
  readonly carried: readonly CarriedMessage[]
}

/**
 * News of devices for one service (MSC3202, MSC4203): messages to the devices of users whom it has made, what their
 * keys have come down to, and whose device lists have changed among those who share rooms with them. Everything is
 * read anew after a start; afterwards commits say what to look at.
 */
export class DeviceNews {
  readonly #appService: AppService
  #messages: Set<UserNid> | 'all' = 'all'
  #stocks: Set<UserNid> | 'all' = 'all'
  /** Up to here changes of device lists have been told. */
  #listsUpTo: StreamPosition
  /** The newest change that may have to be. */
  #newestChange: StreamPosition

  /**
   * @param place up to which changes of device lists have been told.
   * @param head up to which there may be some; of later ones it is told.
   */
  constructor(appService: AppService, place: StreamPosition, head: StreamPosition) {
    this.#appService = appService
    this.#listsUpTo = place
    this.#newestChange = head
  }

  /** Whether there is nothing to look at. */
  get isEmpty(): boolean {
    const hasMessages = this.#messages === 'all' || this.#messages.size > 0
    return !hasMessages && !this.#hasStocks && !isAfter(this.#newestChange, this.#listsUpTo)
  }

  /** A device of a user may have a message. */
  addMessage(userNid: UserNid): void {
    if (this.#messages !== 'all') this.#messages.add(userNid)
  }

  /** Keys of a user's device have been given out. */
  addStock(userNid: UserNid): void {
    if (this.#stocks !== 'all') this.#stocks.add(userNid)
  }

  /** Somebody's device list has changed. */
  addLists(position: StreamPosition): void {
    this.#newestChange = position
  }

  /** Takes what there is, with what changes of memberships among `items` mean for device lists up to `upTo`. */
  async take(parts: SenderParts, items: readonly ServiceItem[], upTo: StreamPosition): Promise<DeviceParts> {
    const { carried, texts } = await this.#takeMessages(parts)
    return {
      carried,
      fields: {
        ...(texts.length > 0 && { 'de.sorunome.msc2409.to_device': `[${texts.join(',')}]` }),
        ...(await this.#takeStocks(parts, carried)),
        ...(await this.#takeLists(parts, items, upTo)),
      },
    }
  }

  get #hasStocks(): boolean {
    return this.#stocks === 'all' || this.#stocks.size > 0
  }

  async #takeMessages({ services }: SenderParts): Promise<{ carried: CarriedMessage[]; texts: string[] }> {
    const users = usersIn(this.#messages)
    if (users.length === 0) return { carried: [], texts: [] }
    this.#messages = new Set()
    const found = await messagesForService(services.queries, this.#appService.id, users, MAX_MESSAGES)
    if (found.length === MAX_MESSAGES) this.#messages = 'all'
    const texts = found.map(({ userId, deviceId, event }) => {
      const target = `"to_user_id":${JSON.stringify(userId)},"to_device_id":${JSON.stringify(deviceId)}`
      return `{${target},${event.slice(1)}`
    })
    return { carried: found.map(({ userNid, deviceId, seq }) => ({ userNid, deviceId, seq })), texts }
  }

  async #takeStocks(
    { services }: SenderParts,
    carried: readonly CarriedMessage[],
  ): Promise<Record<string, string>> {
    const known = usersIn(this.#stocks)
    const users = known === 'all' ? known : [...new Set([...known, ...carried.map(({ userNid }) => userNid)])]
    if (users.length === 0) return {}
    const devices = await devicesOfService(services.queries, this.#appService.id, users)
    const counted = devices.slice(0, MAX_COUNTED)
    this.#stocks = new Set(devices.slice(MAX_COUNTED).map(({ userNid }) => userNid))
    if (counted.length === 0) return {}
    const counts: Record<string, Record<string, object>> = {}
    const fallbacks: Record<string, Record<string, readonly string[]>> = {}
    for (const { userNid, userId, deviceId } of counted) {
      const stock = await keyStockOf(services.queries, userNid, deviceId)
      counts[userId] = {
        ...counts[userId],
        [deviceId]: { ...ALWAYS_COUNTED, ...Object.fromEntries(stock.oneTimeKeys) },
      }
      fallbacks[userId] = { ...fallbacks[userId], [deviceId]: stock.unusedFallbackAlgorithms }
    }
    return {
      'org.matrix.msc3202.device_one_time_keys_count': JSON.stringify(counts),
      'org.matrix.msc3202.device_unused_fallback_key_types': JSON.stringify(fallbacks),
    }
  }

  async #takeLists(
    parts: SenderParts,
    items: readonly ServiceItem[],
    upTo: StreamPosition,
  ): Promise<Record<string, string>> {
    const { queries, interner } = parts.services
    const after = this.#listsUpTo
    const mayHaveChanges = isAfter(this.#newestChange, after) && isAfter(upTo, after)
    this.#listsUpTo = laterOf(upTo, after)
    const sender = await interner.userNid(this.#appService.senderId)
    const withChanges = mayHaveChanges ? await usersWithChanges(queries, sender, after, upTo) : []
    const moves = await movesIn(parts, this.#appService, items)
    const { changed, left } = await audienceOf(parts, this.#appService, withChanges, moves)
    if (changed.length + left.length === 0) return {}
    return { 'org.matrix.msc3202.device_lists': JSON.stringify({ changed, left }) }
  }
}

function usersIn(users: ReadonlySet<UserNid> | 'all'): ServiceUsers {
  return users === 'all' ? 'all' : [...users]
}
