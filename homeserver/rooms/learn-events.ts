import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { checkAuthEvents } from '../../protocol/auth-rules/check-auth-events.ts'
import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { causesFirst } from '../../protocol/events/causes-first.ts'
import { canonicalJson } from '../../protocol/json/canonical.ts'
import type { RoomEvent, SignedPdu, Verdict } from '../../protocol/events/room-event.ts'
import type { EventRow } from '../../storage/events/event-write.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { StateEntry } from '../../storage/state-trie/trie-node.ts'
import { authHeight } from './auth-height.ts'
import type { OpenRoom } from './open-room.ts'
import type { RoomServices } from './room-services.ts'

/** Events that another server told, judged by their auth events, and ready to be stored as outliers. */
export interface LearntEvents {
  /** Rows for those that are not here yet. */
  readonly rows: readonly EventRow[]
  /** The told state less what the rules refuse. */
  readonly state: readonly StateEntry[]
  /** Accepted events of the told state, for judging by it. */
  readonly stateEvents: readonly RoomEvent[]
  /** All that is accepted of what was told, by id. */
  readonly accepted: ReadonlyMap<string, RoomEvent>
}

/**
 * Judges a told state and its auth chain, each event by its own auth events, causes first (server-server API,
 * "Checks performed on receipt of a PDU"; the current state has no say in outliers).
 *
 * @param state the told state; an event that is not state, or whose place another one took, is left out.
 */
export async function learnEvents(
  services: RoomServices,
  room: OpenRoom,
  state: readonly SignedPdu[],
  authChain: readonly SignedPdu[],
): Promise<LearntEvents> {
  const told = new Map<string, SignedPdu>()
  for (const event of [...authChain, ...state]) {
    if (event.roomId === room.head.roomId && event.stateKey !== undefined) told.set(event.eventId, event)
  }
  const causes = [...told.values()].flatMap((event) => event.authEvents).filter((id) => !told.has(id))
  const here = await room.events([...told.keys(), ...causes, ...impliedCreateId(room)])
  const fresh = causesFirst(
    [...told.values()].filter(({ eventId }) => !here.has(eventId)),
    'authEvents',
  )
  const verdicts = judgeAll(room, fresh, told, here)
  const rows = await rowsFor(services, fresh, here, verdicts)
  const nids = new Map<string, EventNid>(rows.map((row) => [row.event.eventId, row.eventNid]))

  const entries = new Map<string, StateEntry>()
  const stateEvents = new Map<string, RoomEvent>()
  const types = await services.interner.typeNids(state.map((event) => event.type))
  const keys = await services.interner.stateKeyNids(state.map((event) => event.stateKey ?? ''))
  for (const { eventId } of state) {
    const event = told.get(eventId)
    if (!event || verdicts.get(eventId) === 'rejected') continue
    const typeNid = types.get(event.type)!
    const stateKeyNid = keys.get(event.stateKey!)!
    const eventNid = nids.get(eventId) ?? here.get(eventId)!.eventNid
    entries.set(`${typeNid}/${stateKeyNid}`, { typeNid, stateKeyNid, eventNid })
    stateEvents.set(`${typeNid}/${stateKeyNid}`, event)
  }
  const accepted = new Map([...told].filter(([eventId]) => verdicts.get(eventId) !== 'rejected'))
  return { rows, state: [...entries.values()], stateEvents: [...stateEvents.values()], accepted }
}

/** The id of the create event where the room id names it, so that no event lists it as a cause. */
function impliedCreateId({ head }: OpenRoom): readonly string[] {
  return head.version.roomIdIsCreateHash ? [`$${head.roomId.slice(1)}`] : []
}

/** @param fresh told events that are not here, each after its causes. */
function judgeAll(
  room: OpenRoom,
  fresh: readonly SignedPdu[],
  told: ReadonlyMap<string, SignedPdu>,
  here: ReadonlyMap<string, StoredEvent>,
): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>()
  for (const [eventId, stored] of here) verdicts.set(eventId, stored.verdict)
  const eventOf = (id: string): RoomEvent | undefined => told.get(id) ?? here.get(id)?.event
  const [createId] = impliedCreateId(room)

  for (const event of fresh) {
    const authEvents = event.authEvents.map(eventOf).filter((cause) => cause !== undefined)
    const create = createId === undefined ? undefined : eventOf(createId)
    const listed = checkAuthEvents(event, authEvents, (id) => verdicts.get(id) === 'rejected')
    const allowed = listed.allowed ? checkAuth(event, authStateOf(authEvents, create)) : listed
    verdicts.set(event.eventId, allowed.allowed ? 'accepted' : 'rejected')
  }
  return verdicts
}

async function rowsFor(
  services: RoomServices,
  fresh: readonly SignedPdu[],
  here: ReadonlyMap<string, StoredEvent>,
  verdicts: ReadonlyMap<string, Verdict>,
): Promise<EventRow[]> {
  const types = await services.interner.typeNids(fresh.map((event) => event.type))
  const keys = await services.interner.stateKeyNids(fresh.map((event) => event.stateKey!))
  const senders = await services.interner.userNids(fresh.map((event) => event.sender))
  const receivedTs = services.now()
  const rows: EventRow[] = []
  const heights = new Map<string, number | undefined>()
  for (const event of fresh) {
    const heightOf = (id: string): number | undefined => heights.get(id) ?? here.get(id)?.authHeight
    const height = authHeight(event.authEvents, heightOf)
    heights.set(event.eventId, height)
    rows.push({
      event,
      pdu: Buffer.from(canonicalJson(event.pdu, { strict: event.version.strictCanonicalJson }), 'utf8'),
      eventNid: await services.eventNids.next(),
      typeNid: types.get(event.type)!,
      stateKeyNid: keys.get(event.stateKey!)!,
      senderNid: senders.get(event.sender)!,
      verdict: verdicts.get(event.eventId) ?? 'rejected',
      outlier: true,
      authHeight: height,
      historyPos: undefined,
      unreadOrdinal: 0,
      stateBefore: undefined,
      stateAfter: undefined,
      partialState: false,
      receivedTs,
    })
  }
  return rows
}
