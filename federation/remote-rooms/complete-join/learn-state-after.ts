import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import { placedEvents } from '../../../storage/partial-joins/partial-joins.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { CheckedPdu } from '../../keys/verification/verification-threads.ts'
import { EventChecks } from '../event-checks.ts'
import { fetchEventsById } from '../fetch-events-by-id.ts'
import { UnusableAnswerError } from '../try-servers.ts'
import type { CompletionContext } from './completion-context.ts'
import { StateLearner } from './state-learner.ts'

/** Beyond this, one large answer is cheaper than a request for each event. */
const MAX_SINGLE_EVENTS = 50
const IDS_PER_QUERY = 5_000

/**
 * Asks a server for the state after an event that is not here, and stores it as it comes: servers know it that have
 * not heard of our event behind it yet.
 *
 * @returns its root.
 * @throws FederationRequestError, UnusableAnswerError
 */
export async function learnStateAfter(
  context: CompletionContext,
  room: OpenRoom,
  eventId: string,
  server: string,
  signal: AbortSignal,
): Promise<StateRoot> {
  const { client } = context
  const { stateIds, authChainIds } = await client.getStateIds(server, room.head.roomId, eventId, signal)
  const itself = await fetchItself(context, room, eventId, server)
  const isState = itself === 'here' || itself.stateKey !== undefined
  const named = new Set([...stateIds, ...authChainIds, ...(isState ? [eventId] : [])])
  const here = await idsHere(context, room, [...named])
  const missing = new Set([...named].filter((id) => !here.has(id)))
  const learner = new StateLearner(context, room, { here, missing }, signal)
  await fetchMissing(context, room, eventId, server, missing, learner, signal)
  if (itself !== 'here' && isState) await learner.take([asChecked(itself)])
  await learner.end()
  return nameState(context, room, isState ? [...stateIds, eventId] : stateIds)
}

async function fetchMissing(
  context: CompletionContext,
  { head }: OpenRoom,
  eventId: string,
  server: string,
  missing: ReadonlySet<string>,
  learner: StateLearner,
  signal: AbortSignal,
): Promise<void> {
  if (missing.size <= MAX_SINGLE_EVENTS) {
    const events = await fetchEventsById(context, head, [...missing], server)
    return learner.take(events.map(asChecked))
  }
  const checks = new EventChecks(context, head, (_, events) => learner.take(events))
  await context.client.getState(server, head.roomId, eventId, checks.take, signal)
  await checks.end()
}

/** The event that the state is asked after; it is a part of it where it is state. */
async function fetchItself(
  context: CompletionContext,
  room: OpenRoom,
  eventId: string,
  server: string,
): Promise<SignedPdu | 'here'> {
  if ((await idsHere(context, room, [eventId])).has(eventId)) return 'here'
  const [event] = await fetchEventsById(context, room.head, [eventId], server)
  if (!event) throw new UnusableAnswerError('the event before the join could not be had')
  return event
}

function asChecked({ eventId, roomId, authEvents, pdu, version }: SignedPdu): CheckedPdu {
  const text = Buffer.from(canonicalJson(pdu, { strict: version.strictCanonicalJson }))
  return { ok: true, eventId, roomId, authEvents, text }
}

/** Those of some events that are state and are here. */
async function idsHere(
  { services }: CompletionContext,
  { head: { roomNid } }: OpenRoom,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const here = new Set<string>()
  for (let from = 0; from < eventIds.length; from += IDS_PER_QUERY) {
    const page = eventIds.slice(from, from + IDS_PER_QUERY)
    for (const { eventId } of await placedEvents(services.queries, roomNid, page)) here.add(eventId)
  }
  return here
}

async function nameState(
  { writer, services }: CompletionContext,
  { head: { roomId, roomNid } }: OpenRoom,
  eventIds: readonly string[],
): Promise<StateRoot> {
  const { stateRoot } = await writer.submit(roomId, { kind: 'name-state', eventIds })
  const { interner, trie } = services
  const [typeNid, stateKeyNid] = [await interner.typeNid('m.room.create'), await interner.stateKeyNid('')]
  const create = stateRoot && (await trie.get(roomNid, stateRoot, typeNid, stateKeyNid))
  if (!create) throw new UnusableAnswerError('the state has no create event')
  return stateRoot
}
