import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { JudgedEvent, SignedPdu } from '../../../protocol/events/room-event.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { InboundContext } from '../inbound-context.ts'
import { withPolicySignatures } from '../policy/recommended-events.ts'
import { isComplete, missingCauses, type MissingCauses } from './missing-causes.ts'
import type { ToldState } from '../../remote-rooms/fetch-state-before.ts'
import type { ToldStates } from '../../../homeserver/rooms/room-intent.ts'

/** Each can be a large answer; a gap whose events need more is bridged by the state before its newest event. */
const MAX_STATES_PER_GAP = 3

/** What a received event leans on cannot be had for now. */
export class CausesUnavailableError extends Error {}

/** Where the causes of an event are fetched, and how much of it. */
interface Gap {
  readonly from: string
  statesLeft: number
}

/**
 * Receives an event whose causes may not be here: fetches its auth events, the events between it and what is here,
 * and where these do not reach, the state before it (server-server API, "Backfilling and retrieving missing
 * events").
 *
 * @param from the server that is asked.
 * @param byState whether the state before the event itself may be asked for.
 * @throws CausesUnavailableError when the server does not have them; FederationRequestError when it does not answer.
 */
export async function receiveWithCauses(
  context: InboundContext,
  event: SignedPdu,
  from: string,
  byState: boolean,
): Promise<JudgedEvent> {
  const gap: Gap = { from, statesLeft: MAX_STATES_PER_GAP }
  let room = await openRoom(context, event.roomId)
  const missing = await missingCauses(room, event)
  if (missing.prevEvents.length > 0) {
    const earliest = room.head.extremities.map(({ eventId }) => eventId)
    const earlier = await context.fetcher.fetchMissingEvents(named(room), earliest, [event.eventId], from)
    await receiveOlder(context, earlier, gap)
    room = await openRoom(context, event.roomId)
  }
  gap.statesLeft = byState ? Math.max(gap.statesLeft, 1) : 0
  return receiveInPlace(context, room, event, gap)
}

/**
 * Receives the events of a gap, causes first: those whose causes are here or among them in one go. An event that
 * cannot be placed is left out; those that follow it find their state without it.
 */
async function receiveOlder(context: InboundContext, older: readonly SignedPdu[], gap: Gap): Promise<void> {
  let left = older
  while (left.length > 0) {
    const stretch = await groundedStretch(context, left)
    const [next] = left
    if (!next) return
    try {
      if (stretch.length > 0) {
        const room = await openRoom(context, next.roomId)
        const events = (await withPolicySignatures(context, room, stretch)).map((event) => ({ event }))
        await context.writer.submit(next.roomId, { kind: 'receive', events })
      } else {
        await receiveInPlace(context, await openRoom(context, next.roomId), next, gap)
      }
    } catch (error) {
      context.log.debug({ eventId: next.eventId, err: error }, 'left out events of a gap')
    }
    left = left.slice(Math.max(stretch.length, 1))
  }
}

/** The events at the head of a list whose causes are all here or before them in it. */
async function groundedStretch(
  context: InboundContext,
  events: readonly SignedPdu[],
): Promise<readonly SignedPdu[]> {
  const [first] = events
  if (!first) return []
  const room = await openRoom(context, first.roomId)
  const before = new Set<string>()
  for (const [index, event] of events.entries()) {
    if (!isComplete(await missingCauses(room, event, before))) return events.slice(0, index)
    before.add(event.eventId)
  }
  return events
}

async function receiveInPlace(
  context: InboundContext,
  room: OpenRoom,
  event: SignedPdu,
  gap: Gap,
): Promise<JudgedEvent> {
  let missing = await missingCauses(room, event)
  if (missing.authEvents.length > 0) missing = await learnAuthEvents(context, room, event, missing, gap)
  const told =
    missing.prevEvents.length > 0
      ? await learnStates(context, room, event, missing.prevEvents, gap)
      : undefined
  const [signed = event] = await withPolicySignatures(context, room, [event])
  const { events } = await context.writer.submit(event.roomId, {
    kind: 'receive',
    events: [{ event: signed, told, missing: missing.prevEvents }],
  })
  const [judged] = events
  if (!judged) throw new CausesUnavailableError('the event was not received')
  return judged
}

async function learnAuthEvents(
  { fetcher, writer }: InboundContext,
  room: OpenRoom,
  event: SignedPdu,
  missing: MissingCauses,
  { from }: Gap,
): Promise<MissingCauses> {
  const authChain = await fetcher.fetchAuthEvents(named(room), missing.authEvents, from)
  await writer.submit(event.roomId, { kind: 'learn-state', state: [], authChain })
  const after = await missingCauses(room, event)
  if (after.authEvents.length > 0) throw new CausesUnavailableError('auth events of the event cannot be had')
  return after
}

/**
 * The state before an event, as the server tells it. While not all members of the room are known, the states after its
 * causes instead: one that is here counts then with what is known of it, and is seen through when the members are.
 */
async function learnStates(
  context: InboundContext,
  room: OpenRoom,
  event: SignedPdu,
  missing: readonly string[],
  gap: Gap,
): Promise<ToldStates> {
  const { fetcher, rooms } = context
  const single = rooms.partial.has(room.head.roomNid) && missing.length <= gap.statesLeft
  gap.statesLeft -= single ? missing.length : 1
  if (gap.statesLeft < 0) throw new CausesUnavailableError('the gap asks for too many states')
  if (!single) {
    const told = await fetcher.fetchStateBefore(named(room), event.eventId, gap.from)
    return { before: await storeState(context, room, told) }
  }
  const afterMissing: StateRoot[] = []
  for (const eventId of missing) {
    const told = await fetcher.fetchStateAfter(named(room), eventId, gap.from)
    afterMissing.push(await storeState(context, room, told))
  }
  return { afterMissing }
}

async function storeState({ writer }: InboundContext, room: OpenRoom, told: ToldState): Promise<StateRoot> {
  if (!told.state.some(({ type, stateKey }) => type === 'm.room.create' && stateKey === '')) {
    throw new CausesUnavailableError('the told state has no create event')
  }
  const { stateRoot } = await writer.submit(room.head.roomId, { kind: 'learn-state', ...told })
  if (stateRoot === undefined) throw new CausesUnavailableError('the told state was not stored')
  return stateRoot
}

function named({ head: { roomId, version } }: OpenRoom) {
  return { roomId, version }
}

async function openRoom({ writer }: InboundContext, roomId: string): Promise<OpenRoom> {
  const room = await writer.open(roomId)
  if (!room) throw new CausesUnavailableError('this server does not know the room')
  return room
}
