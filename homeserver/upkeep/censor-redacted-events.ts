import { redactEvent } from '../../protocol/events/redact.ts'
import { censorEvents, type CensoredEvent } from '../../storage/events/censor-events.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import {
  uncensoredEvents,
  type UncensoredEvent,
  type UncensoredPlace,
} from '../../storage/events/uncensored-events.ts'
import { censoredPdu } from './censored-pdu.ts'
import type { UpkeepContext } from './upkeep-context.ts'

type CensoringContext = Pick<UpkeepContext, 'queries' | 'events' | 'onError'>

/** At most 6.5 MB of events in memory, and locked for the time of one short statement. */
const BATCH = 100

/**
 * Deletes what redactions took back: the bytes of events that were redacted before `redactedBefore` become their
 * redacted form (DESIGN §3.7). Each batch is committed by itself, so that what is interrupted goes on next time.
 *
 * @param redactedBefore milliseconds since the epoch.
 * @returns how many events were censored.
 */
export async function censorRedactedEvents(
  context: CensoringContext,
  redactedBefore: number,
  signal: AbortSignal,
): Promise<number> {
  let count = 0
  for (let after: UncensoredPlace | undefined; ;) {
    signal.throwIfAborted()
    const page = await uncensoredEvents(context.queries, redactedBefore, after, BATCH)
    const redacted = page.flatMap((event) => censoredForm(event, context))
    const censored = await censorEvents(context.queries, redacted)
    for (const event of redacted) if (censored.has(event.eventNid)) tellCache(context.events, event)
    count += censored.size
    if (page.length < BATCH) return count
    after = page.at(-1)
  }
}

function censoredForm(event: UncensoredEvent, { onError }: CensoringContext): CensoredEvent[] {
  try {
    const pdu = censoredPdu(event.pdu, event.roomVersion)
    return pdu ? [{ roomNid: event.roomNid, eventNid: event.eventNid, pdu }] : []
  } catch (cause) {
    onError(new Error(`event ${event.eventId} cannot be censored`, { cause }))
    return []
  }
}

function tellCache(events: EventStore, { eventNid, pdu }: CensoredEvent): void {
  const cached = events.peek(eventNid)
  if (cached) events.put({ ...cached, event: redactEvent(cached.event), size: pdu.length })
}
