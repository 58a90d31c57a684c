import type { Membership } from '../../protocol/auth-rules/membership.ts'
import type { ClientEventFormat } from '../../protocol/events/client-format.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { SentTransactions } from '../sync/sent-transactions.ts'
import { contentText, eventHead } from './event-text.ts'
import type { ReadServices, Viewer } from './read-services.ts'
import type { ReplacedState } from './replaced-state.ts'

/** Turns events into the JSON text that one user's device gets, what is loaded for them at hand. */
export interface EventPresenter {
  /** @param membership the user's at the event (`unsigned.membership`); left out where it is not known. */
  present(stored: StoredEvent, format: ClientEventFormat, membership?: Membership): string
}

/**
 * Loads what a set of events says beside itself: what replaced them or was replaced by them. Two queries at most,
 * none for events whose neighbours are in memory.
 *
 * @param described events whose former state is shown too; the others go without.
 */
export async function loadPresenter(
  services: Pick<ReadServices, 'events' | 'now'>,
  replacedState: ReplacedState,
  sent: SentTransactions,
  viewer: Viewer,
  events: Iterable<StoredEvent>,
  described: readonly StoredEvent[],
): Promise<EventPresenter> {
  const replaced = await replacedState.of(described)
  const wanted = new Map<EventNid, StoredEvent['roomNid']>()
  for (const { roomNid, redactedBy } of events) {
    if (redactedBy !== undefined) wanted.set(redactedBy, roomNid)
  }
  for (const { eventNid, roomNid } of described) {
    const previous = replaced.get(eventNid)
    if (previous !== undefined) wanted.set(previous, roomNid)
  }
  const beside = await services.events.byPlaces(
    Array.from(wanted, ([eventNid, roomNid]) => ({ roomNid, eventNid })),
  )
  const now = services.now()

  const unsignedOf = (stored: StoredEvent, membership: Membership | undefined): string => {
    let text = `{"age":${Math.max(0, now - stored.event.originServerTs)}`
    if (membership !== undefined) text += `,"membership":"${membership}"`
    const transactionId = sent.of(stored.event.eventId, viewer.userNid, viewer.deviceId)
    if (transactionId !== undefined) text += `,"transaction_id":${JSON.stringify(transactionId)}`
    const previousNid = replaced.get(stored.eventNid)
    const previous = previousNid === undefined ? undefined : beside.get(previousNid)
    if (previous) {
      const { eventId, sender } = previous.event
      text += `,"replaces_state":${JSON.stringify(eventId)},"prev_content":${contentText(previous)}`
      text += `,"prev_sender":${JSON.stringify(sender)}`
    }
    const redaction = stored.redactedBy === undefined ? undefined : beside.get(stored.redactedBy)
    if (redaction) text += `,"redacted_because":${withRoom(redaction)}}`
    return text + '}'
  }
  return {
    present(stored, format, membership) {
      const room = format === 'full' ? `,"room_id":${JSON.stringify(stored.event.roomId)}` : ''
      return `${eventHead(stored)}${room},"unsigned":${unsignedOf(stored, membership)}}`
    },
  }
}

function withRoom(stored: StoredEvent): string {
  return `${eventHead(stored)},"room_id":${JSON.stringify(stored.event.roomId)}`
}
