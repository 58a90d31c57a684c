import type { OpenRoom } from '../../homeserver/rooms/open-room.ts'
import { MissingCausesError } from '../../homeserver/rooms/judge-received.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { SignedPdu } from '../../protocol/events/room-event.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { verifyPdus } from '../keys/verify-pdus.ts'
import type { VerifiedOrigin } from './authenticate.ts'
import type { InboundContext } from './inbound-context.ts'
import { withPolicySignatures } from './policy/recommended-events.ts'
import { isComplete, missingCauses } from './receipt/missing-causes.ts'
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

  // Submitted together, so that they share a commit; the writer takes them in this order.
  const coming = new Set<string>()
  const submitted: { readonly event: SignedPdu; readonly outcome: Promise<Outcome> }[] = []
  for (const event of events) {
    const complete = isComplete(await missingCauses(room, event, coming))
    if (complete) coming.add(event.eventId)
    submitted.push({
      event,
      outcome: complete ? receiveComplete(context, room, event) : Promise.resolve('stage'),
    })
  }

  const staged: SignedPdu[] = []
  for (const { event, outcome } of submitted) {
    const known = await outcome
    if (known === 'stage') staged.push(event)
    else results.set(event.eventId, known.error)
  }
  const kept = await stageEvents(context, room, origin, staged)
  for (const { eventId } of staged) {
    results.set(eventId, kept ? undefined : 'Too many events of the room wait for their causes.')
  }
  return results
}

async function receiveComplete(
  { writer, log, rooms }: InboundContext,
  room: OpenRoom,
  event: SignedPdu,
): Promise<Outcome> {
  if (event.prevEvents.length === 0 && !(await room.events([event.eventId])).has(event.eventId)) {
    return { error: 'Only the create event of a room has no previous events.' }
  }
  try {
    const { events } = await writer.submit(event.roomId, { kind: 'receive', events: [{ event }] })
    const [judged] = events
    // A verdict by what is known of the room so far is not final.
    if (rooms.partial.has(room.head.roomNid)) return {}
    return judged?.verdict === 'rejected' ? { error: judged.reason ?? 'The event was rejected.' } : {}
  } catch (error) {
    if (error instanceof MatrixError) return { error: error.message }
    // Whatever else went wrong is ours, and the sender does not repeat single events: it is kept and tried again.
    if (!(error instanceof MissingCausesError)) {
      log.warn({ eventId: event.eventId, err: error }, 'an event could not be received')
    }
    return 'stage'
  }
}
