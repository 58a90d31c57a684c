import type { CarriedMessage } from '../../../storage/appservices/transactions.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { AppService } from '../registration/app-service.ts'
import type { DeviceNews } from './device-news.ts'
import type { EphemeralNews } from './ephemeral-news.ts'
import { eventTexts } from './event-texts.ts'
import type { SenderParts } from './sender-parts.ts'
import type { ServiceItem } from './service-item.ts'

/** Events of one transaction. */
export const MAX_EVENTS = 100
/** Bytes of their texts: libraries of services take 5 MB, of which the rest may take some. */
const MAX_EVENT_BYTES = 3_000_000

/** What there is to tell a service. */
export interface ServiceNews {
  readonly items: readonly ServiceItem[]
  /** How far the stream has been looked at: after the last of the items, or as far. */
  readonly upTo: StreamPosition
  /** Undefined while events that it may be about are still to come. */
  readonly ephemeral: EphemeralNews | undefined
  /** Undefined for services that are not told of devices. */
  readonly devices: DeviceNews | undefined
}

/** A transaction of a service, or none. */
export interface ComposedTransaction {
  /** JSON text; undefined when there is nothing to tell. */
  readonly body: Buffer | undefined
  /** How many of the items are in it, or there no longer. */
  readonly used: number
  readonly carried: readonly CarriedMessage[]
}

/** Writes the next transaction of a service (application service API, "Pushing events"). */
export async function composeTransaction(
  parts: SenderParts,
  appService: AppService,
  { items, upTo, ephemeral, devices }: ServiceNews,
): Promise<ComposedTransaction> {
  const { services } = parts
  const texts = items.length === 0 ? [] : await eventTexts(services, appService, items)
  const used = fitting(texts)
  const last = items[used - 1]
  const place = used < items.length && last ? last.position : upTo
  const events = texts.slice(0, used).filter((text) => text !== undefined)
  const passing =
    !ephemeral || ephemeral.isEmpty ? [] : await ephemeral.take(services, services.ephemeral, appService.id)
  const { fields, carried } = devices
    ? await devices.take(parts, items.slice(0, used), place)
    : { fields: {}, carried: [] }
  const rest = Object.entries(fields).map(([key, text]) => `,${JSON.stringify(key)}:${text}`)
  if (events.length + passing.length + rest.length === 0) return { body: undefined, used, carried }
  const text = `{"events":[${events.join(',')}]${ephemeralText(appService, passing)}${rest.join('')}}`
  return { body: Buffer.from(text), used, carried }
}

/** How many of the texts one transaction holds: one in any case, so that the largest event is told. */
function fitting(texts: readonly (string | undefined)[]): number {
  let bytes = 0
  let used = 0
  for (const text of texts) {
    bytes += text === undefined ? 0 : Buffer.byteLength(text)
    if (used > 0 && bytes > MAX_EVENT_BYTES) return used
    used += 1
  }
  return used
}

function ephemeralText({ ephemeral }: AppService, texts: readonly string[]): string {
  if (texts.length === 0) return ''
  const list = `[${texts.join(',')}]`
  const stable = `,"ephemeral":${list}`
  return ephemeral === 'both' ? `${stable},"de.sorunome.msc2409.ephemeral":${list}` : stable
}
