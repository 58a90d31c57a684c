import type { Membership } from '../../protocol/auth-rules/membership.ts'
import type { ClientEventFormat } from '../../protocol/events/client-format.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import { bundleText } from '../relations/bundle-text.ts'
import { loadBundles, type Bundle } from '../relations/bundles.ts'
import { recallTransactions } from '../sync/recall-transactions.ts'
import type { SentTransactions } from '../sync/sent-transactions.ts'
import type { AgedText } from '../sync/openings/aged-events.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { contentText, erasedHead, eventHead } from './event-text.ts'
import type { Viewer } from './read-services.ts'
import type { ReplacedState } from './replaced-state.ts'

/** Turns events into the JSON text that one user's device gets, what is loaded for them at hand. */
export interface EventPresenter {
  /** @param membership the user's at the event (`unsigned.membership`); left out where it is not known. */
  present(stored: StoredEvent, format: ClientEventFormat, membership?: Membership): string
  /** Whether the user gets the redacted form, because the sender is erased and the user was not there. */
  erases(stored: StoredEvent, membership?: Membership): boolean
}

/** A presenter that can leave the age of events open, for texts that are kept. */
export interface AgedPresenter extends EventPresenter {
  /** As `present`, parted where the age belongs. */
  around(stored: StoredEvent, format: ClientEventFormat, membership?: Membership): AgedText
}

/**
 * Loads what a set of events says beside itself: what redacted them, what they replaced, and their children. A few
 * queries whatever the number of events, none for events whose neighbours are in memory.
 *
 * @param described events whose former state and children are shown too; the others go without.
 */
export async function loadPresenter(
  services: SyncServices,
  replacedState: ReplacedState,
  sent: SentTransactions,
  viewer: Viewer,
  events: Iterable<StoredEvent>,
  described: readonly StoredEvent[],
): Promise<AgedPresenter> {
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
  const bundles = await loadBundles(services, viewer, described)
  await recallTransactions(services, sent, viewer, withChildren(events, bundles.values()))
  const now = services.now()

  const afterAge = (
    stored: StoredEvent,
    membership: Membership | undefined,
    relations: string | undefined,
  ): string => {
    let text = ''
    if (membership !== undefined) text += `,"membership":"${membership}"`
    if (stored.senderNid === viewer.userNid) text += ownUnsigned(stored, sent, viewer)
    const previousNid = replaced.get(stored.eventNid)
    const previous = previousNid === undefined ? undefined : beside.get(previousNid)
    if (previous && !isErased(previous, membership)) {
      const { eventId, sender } = previous.event
      text += `,"replaces_state":${JSON.stringify(eventId)},"prev_content":${contentText(previous)}`
      text += `,"prev_sender":${JSON.stringify(sender)}`
    }
    const redaction = stored.redactedBy === undefined ? undefined : beside.get(stored.redactedBy)
    if (redaction) text += `,"redacted_because":${withRoom(redaction)}}`
    if (relations !== undefined) text += `,"m.relations":${relations}`
    return text + '}}'
  }
  // Whoever was there when it was said has seen it anyway.
  const isErased = ({ senderNid, event }: StoredEvent, membership: Membership | undefined): boolean =>
    membership !== undefined &&
    membership !== 'join' &&
    services.erasedUsers.has(senderNid) &&
    event.type !== 'm.room.create'
  const aroundWith = (
    stored: StoredEvent,
    format: ClientEventFormat,
    membership: Membership | undefined,
    bundle: Bundle | undefined,
  ): AgedText => {
    const room = format === 'full' ? `,"room_id":${JSON.stringify(stored.event.roomId)}` : ''
    const relations =
      bundle && bundleText(bundle, (child, own) => presentWith(child.stored, format, child.membership, own))
    const head = isErased(stored, membership) ? erasedHead(stored) : eventHead(stored)
    return {
      before: `${head}${room},"unsigned":{"age":`,
      sentAt: stored.event.originServerTs,
      after: afterAge(stored, membership, relations),
    }
  }
  const presentWith = (...asked: Parameters<typeof aroundWith>): string => {
    const { before, sentAt, after } = aroundWith(...asked)
    return `${before}${Math.max(0, now - sentAt)}${after}`
  }
  return {
    present: (stored, format, membership) =>
      presentWith(stored, format, membership, bundles.get(stored.eventNid)),
    around: (stored, format, membership) =>
      aroundWith(stored, format, membership, bundles.get(stored.eventNid)),
    erases: isErased,
  }
}

/** What only the sender is told: the transaction id on the device that sent it, a delay id (MSC4140) everywhere. */
function ownUnsigned({ event, delayId }: StoredEvent, sent: SentTransactions, viewer: Viewer): string {
  if (delayId !== undefined) {
    const id = JSON.stringify(delayId)
    return `,"delay_id":${id},"org.matrix.msc4140.delay_id":${id}`
  }
  if (viewer.deviceId === undefined) return ''
  const transactionId = sent.of(event.eventId, viewer.userNid, viewer.deviceId)
  return transactionId === undefined ? '' : `,"transaction_id":${JSON.stringify(transactionId)}`
}

/** All that is presented: the events and what is shown inside them. */
function* withChildren(events: Iterable<StoredEvent>, bundles: Iterable<Bundle>): Iterable<StoredEvent> {
  yield* events
  for (const { edit, thread } of bundles) {
    if (edit) yield edit.stored
    if (thread) yield thread.latest.stored
  }
}

function withRoom(stored: StoredEvent): string {
  return `${eventHead(stored)},"room_id":${JSON.stringify(stored.event.roomId)}`
}
