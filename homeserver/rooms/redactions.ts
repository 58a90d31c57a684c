import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { mayRedact } from '../../protocol/auth-rules/redaction-power.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { isEventId } from '../../protocol/identifiers/event-id.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import { impliedCreate } from './check-against.ts'
import { plainEvents, type OpenRoom } from './open-room.ts'

/** What an event redacts, or is redacted by, from its arrival on. */
export interface RedactionEffects {
  readonly redactions: readonly { readonly target: EventNid; readonly by: EventNid }[]
  /** The target's id, when it is not here yet. */
  readonly pending: string | undefined
  /** A redaction without effect, which clients are not shown (room version 3, "Handling redactions"). */
  readonly hidden: boolean
}

/** Redactions of what never comes are cheap to send; more than these wait for nothing. */
const MAX_PENDING_REDACTIONS = 1_000

const NO_EFFECTS: RedactionEffects = { redactions: [], pending: undefined, hidden: false }

/** Judges a redaction by the state before it, once both events are here. */
export async function redactionEffects(
  room: OpenRoom,
  event: RoomEvent,
  eventNid: EventNid,
  stateBefore: StateRoot,
): Promise<RedactionEffects> {
  const waiting = await redactedOnArrival(room, event, eventNid)
  if (event.type !== 'm.room.redaction' || event.redacts === undefined) return waiting
  // No event has what is no event id, now or later.
  if (!isEventId(event.redacts)) return { ...waiting, hidden: true }
  const target = (await room.events([event.redacts])).get(event.redacts)
  if (!target) {
    const full = room.pendingRedactions.size >= MAX_PENDING_REDACTIONS
    return { ...waiting, pending: full ? undefined : event.redacts, hidden: true }
  }
  const allowed = await isAllowed(room, event, target.event, stateBefore)
  if (!allowed) return { ...waiting, hidden: true }
  return { ...waiting, redactions: [...waiting.redactions, { target: target.eventNid, by: eventNid }] }
}

async function redactedOnArrival(
  room: OpenRoom,
  event: RoomEvent,
  eventNid: EventNid,
): Promise<RedactionEffects> {
  const waiting = room.pendingRedactions.get(event.eventId)
  if (!waiting) return NO_EFFECTS
  for (const redaction of (await room.eventsByNid(waiting)).values()) {
    if (redaction.stateBefore === undefined) continue
    if (await isAllowed(room, redaction.event, event, redaction.stateBefore)) {
      return { ...NO_EFFECTS, redactions: [{ target: eventNid, by: redaction.eventNid }] }
    }
  }
  return NO_EFFECTS
}

async function isAllowed(
  room: OpenRoom,
  redaction: RoomEvent,
  target: RoomEvent,
  stateBefore: StateRoot,
): Promise<boolean> {
  const state = await room.stateEvents(stateBefore, [
    { type: 'm.room.create', stateKey: '' },
    { type: 'm.room.power_levels', stateKey: '' },
    { type: 'm.room.member', stateKey: redaction.sender },
  ])
  return mayRedact(redaction, target, authStateOf(plainEvents(state.values()), await impliedCreate(room)))
}
