import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { placedEvents } from '../../../storage/partial-joins/partial-joins.ts'
import { fetchEventsById } from '../fetch-events-by-id.ts'
import { ToldEvents } from '../told-events.ts'
import { UnusableAnswerError } from '../try-servers.ts'
import type { RoomOfVersion } from '../verified-events.ts'
import type { CompletionContext } from './completion-context.ts'

/** Beyond this, one large answer is cheaper than a request for each event. */
const MAX_SINGLE_EVENTS = 50
const IDS_PER_QUERY = 5_000

/** The whole state after an event, as a server tells it: verified, not judged. */
export interface WholeState {
  /** Its events by id, some of them here already; of two for one place the later counts. */
  readonly stateIds: readonly string[]
  /** Those of the state and of its auth chain that were not here. */
  readonly events: readonly SignedPdu[]
  /** How many the server named. */
  readonly named: number
}

/**
 * Asks a server for the state after an event that is not here: servers know it that have not heard of our event
 * behind it yet.
 *
 * @throws FederationRequestError, UnusableAnswerError
 */
export async function fetchStateAfter(
  context: CompletionContext,
  room: RoomOfVersion & { readonly roomNid: RoomNid },
  eventId: string,
  server: string,
  signal: AbortSignal,
): Promise<WholeState> {
  const { client } = context
  const { stateIds, authChainIds } = await client.getStateIds(server, room.roomId, eventId, signal)
  const ids = [...new Set([...stateIds, ...authChainIds])]
  const here = await idsHere(context, room.roomNid, ids)
  const missing = ids.filter((id) => !here.has(id))
  const events =
    missing.length > MAX_SINGLE_EVENTS
      ? await fetchAll(context, room, eventId, server, signal)
      : await fetchEventsById(context, room, missing, server)
  const itself = await stateEvent(context, room, eventId, server)
  return {
    stateIds: itself ? [...stateIds, eventId] : stateIds,
    events: [...events, ...(itself?.fetched ?? [])].filter(({ eventId: id }) => !here.has(id)),
    named: ids.length,
  }
}

async function fetchAll(
  context: CompletionContext,
  room: RoomOfVersion,
  eventId: string,
  server: string,
  signal: AbortSignal,
): Promise<readonly SignedPdu[]> {
  const told = new ToldEvents(context, room)
  await context.client.getState(server, room.roomId, eventId, told.take, signal)
  return [...(await told.of('auth_chain')), ...(await told.of('pdus'))]
}

/** The event itself, where it is state and so a part of the state after it. */
async function stateEvent(
  context: CompletionContext,
  room: RoomOfVersion & { readonly roomNid: RoomNid },
  eventId: string,
  server: string,
): Promise<{ readonly fetched: readonly SignedPdu[] } | undefined> {
  if ((await idsHere(context, room.roomNid, [eventId])).has(eventId)) return { fetched: [] }
  const [event] = await fetchEventsById(context, room, [eventId], server)
  if (!event) throw new UnusableAnswerError('the event before the join could not be had')
  return event.stateKey === undefined ? undefined : { fetched: [event] }
}

/** Those of some events that are state and are here. */
async function idsHere(
  { services }: CompletionContext,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const here = new Set<string>()
  for (let from = 0; from < eventIds.length; from += IDS_PER_QUERY) {
    const page = eventIds.slice(from, from + IDS_PER_QUERY)
    for (const { eventId } of await placedEvents(services.queries, roomNid, page)) here.add(eventId)
  }
  return here
}
