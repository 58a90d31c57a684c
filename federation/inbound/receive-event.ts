import type { OpenRoom } from '../../homeserver/rooms/open-room.ts'
import { MissingCausesError } from '../../homeserver/rooms/judge-received.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JudgedEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { verifyPdus } from '../keys/verify-pdus.ts'
import type { VerifiedOrigin } from './authenticate.ts'
import type { InboundContext } from './inbound-context.ts'
import { withPolicySignatures } from './policy/recommended-events.ts'
import { isComplete, missingAmong } from './receipt/missing-causes.ts'
import { stageEvents } from './receipt/stage-events.ts'

/** What became of received PDUs, by event id: an error's sentence, or undefined for one that was taken in. */
export type PduResults = Map<string, string | undefined>

type Outcome = { readonly error?: string } | 'stage'

/**
 * Receives PDUs of one room that this server is in, in their order (server-server API, "Checks performed on receipt
 * of a PDU"):
 *
 * 1. to 3. format, signatures, content hash: `verifyPdus`;
 * 4. to 6. auth events, state before, current state: the room's writer judges by them, if all causes are here;
 * 7. the room's policy server: asked for a signature that is missing, which the writer looks for.
 *
 * An event with causes that are not here is staged and judged once they have been fetched. Whatever has no error in
 * the result is durable when this resolves.
 */
export async function receiveEvents(
  context: InboundContext,
  room: OpenRoom,
  origin: VerifiedOrigin,
  pdus: readonly JsonObject[],
): Promise<PduResults> {
  const results: PduResults = new Map()
  const verifiedEvents: SignedPdu[] = []
  for (const verified of await verifyPdus(context.keyRing, pdus, room.head.version)) {
    if (verified.ok && verified.event.roomId === room.head.roomId) verifiedEvents.push(verified.event)
    else if (!verified.ok && verified.eventId !== undefined) results.set(verified.eventId, verified.reason)
  }

  const events = await withPolicySignatures(context, room, verifiedEvents)

  // One look at all that they lean on, and one write: they share a commit, in this order.
  const known = await room.events(
    events.flatMap((event) => [event.eventId, ...event.authEvents, ...event.prevEvents]),
  )
  const complete: SignedPdu[] = []
  const staged: SignedPdu[] = []
  const coming = new Set<string>()
  for (const event of events) {
    if (event.prevEvents.length === 0 && !known.has(event.eventId)) {
      results.set(event.eventId, 'Only the create event of a room has no previous events.')
    } else if (isComplete(missingAmong(known, event, coming))) {
      complete.push(event)
      coming.add(event.eventId)
    } else {
      staged.push(event)
    }
  }
  for (const { event, outcome } of await receiveComplete(context, room, complete)) {
    if (outcome === 'stage') staged.push(event)
    else results.set(event.eventId, outcome.error)
  }
  const kept = await stageEvents(context, room, origin, staged)
  for (const { eventId } of staged) {
    results.set(eventId, kept ? undefined : 'Too many events of the room wait for their causes.')
  }
  return results
}

interface Received {
  readonly event: SignedPdu
  readonly outcome: Outcome
}

async function receiveComplete(
  context: InboundContext,
  room: OpenRoom,
  events: readonly SignedPdu[],
): Promise<readonly Received[]> {
  if (events.length === 0) return []
  try {
    const written = await context.writer.submit(room.head.roomId, {
      kind: 'receive',
      events: events.map((event) => ({ event })),
    })
    return events.map((event, index) => ({ event, outcome: outcomeOf(context, room, written.events[index]) }))
  } catch {
    // One of them could not be taken in, and which one it was shows when they come alone.
    return Promise.all(
      events.map(async (event) => ({ event, outcome: await receiveAlone(context, room, event) })),
    )
  }
}

function outcomeOf({ rooms }: InboundContext, { head }: OpenRoom, judged: JudgedEvent | undefined): Outcome {
  // A verdict by what is known of the room so far is not final.
  if (rooms.partial.has(head.roomNid)) return {}
  return judged?.verdict === 'rejected' ? { error: judged.reason ?? 'The event was rejected.' } : {}
}

async function receiveAlone(context: InboundContext, room: OpenRoom, event: SignedPdu): Promise<Outcome> {
  const { writer, log } = context
  try {
    const { events } = await writer.submit(event.roomId, { kind: 'receive', events: [{ event }] })
    return outcomeOf(context, room, events[0])
  } catch (error) {
    if (error instanceof MatrixError) return { error: error.message }
    // Whatever else went wrong is ours, and the sender does not repeat single events: it is kept and tried again.
    if (!(error instanceof MissingCausesError)) {
      log.warn({ eventId: event.eventId, err: error }, 'an event could not be received')
    }
    return 'stage'
  }
}
