import { rejected, type AuthResult } from '../../protocol/auth-rules/auth-result.ts'
import { checkAuthEvents } from '../../protocol/auth-rules/check-auth-events.ts'
import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { authEventTuples } from '../../protocol/auth-rules/select-auth-events.ts'
import type { JudgedEvent, RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import { judged } from './judged-event.ts'
import { plainEvents, type OpenRoom } from './open-room.ts'
import { isRecommended } from './policy/policy-of-room.ts'
import { withClaimedMembers } from './partial-state/claimed-members.ts'
import { followsPartialState } from './partial-state/follows-partial-state.ts'
import { resolveRoots, type ResolvedState } from './resolve-roots.ts'
import type { ToldStates } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'

/** Causes of an event that are not here; the caller fetches them and tries again. */
export class MissingCausesError extends Error {
  readonly authEvents: readonly string[]
  readonly prevEvents: readonly string[]
  constructor(authEvents: readonly string[], prevEvents: readonly string[]) {
    super('causes of the event are not known here')
    this.authEvents = authEvents
    this.prevEvents = prevEvents
  }
}

const NOT_RECOMMENDED = 'The policy server of the room has not signed the event.'

export interface Judgement {
  readonly event: JudgedEvent
  readonly stateBefore: ResolvedState
}

/**
 * Judges a received event as the server-server API orders it ("Checks performed on receipt of a PDU", 4 to 6):
 * by its auth events, by the state before it, by the current state, and by the room's policy server.
 *
 * @param told where causes of it are not here, what a resident server told in their place; otherwise the state before
 *   it is resolved from the events before it.
 * @throws MissingCausesError
 */
export async function judgeReceived(
  services: RoomServices,
  room: OpenRoom,
  event: SignedPdu,
  told: ToldStates | undefined,
): Promise<Judgement> {
  const stateBefore = await findStateBefore(services, room, event, told)
  const { allowed: byAuthEvents, authEvents } = await judgeByAuthEvents(room, event)
  if (!byAuthEvents.allowed) return { event: judged(event, 'rejected', byAuthEvents.reason), stateBefore }

  const staged = services.trie.stage(stateBefore.newNodes)
  try {
    const lacksMembers = !(told && 'before' in told) && (await followsPartialState(room, event))
    const before = await checkAgainst(room, event, stateBefore.root, lacksMembers ? authEvents : [])
    if (!before.allowed) return { event: judged(event, 'rejected', before.reason), stateBefore }
    const headLacksMembers = lacksMembers || services.partial.has(room.head.roomNid)
    const current = await checkAgainst(room, event, room.head.root, headLacksMembers ? authEvents : [])
    if (!current.allowed) return { event: judged(event, 'soft-failed', current.reason), stateBefore }
    if (!(await isRecommended(services, room, event))) {
      return { event: judged(event, 'soft-failed', NOT_RECOMMENDED), stateBefore }
    }
    return { event: judged(event, 'accepted'), stateBefore }
  } finally {
    staged.discarded()
  }
}

/** The create event that the room id names, where the room version has it so. */
export async function impliedCreate(room: OpenRoom): Promise<RoomEvent | undefined> {
  const { version, roomId } = room.head
  if (!version.roomIdIsCreateHash) return undefined
  const createId = `$${roomId.slice(1)}`
  return (await room.events([createId])).get(createId)?.event
}

/** The fourth check, and the auth events that it found. @throws MissingCausesError */
export async function judgeByAuthEvents(
  room: OpenRoom,
  event: RoomEvent,
): Promise<{ readonly allowed: AuthResult; readonly authEvents: readonly RoomEvent[] }> {
  if (event.type === 'm.room.create') {
    return { allowed: rejected('The room has its create event already.'), authEvents: [] }
  }
  const known = await room.events(event.authEvents)
  const missing = event.authEvents.filter((id) => !known.has(id))
  if (missing.length > 0) throw new MissingCausesError(missing, [])
  const authEvents = plainEvents(known.values())
  const listed = checkAuthEvents(event, authEvents, (id) => known.get(id)?.verdict === 'rejected')
  if (!listed.allowed) return { allowed: listed, authEvents }
  return { allowed: checkAuth(event, authStateOf(authEvents, await impliedCreate(room))), authEvents }
}

/**
 * Judges an event by a state of its room.
 *
 * @param claimed auth events of the event, by whose word those count as members who are missing in the state.
 */
export async function checkAgainst(
  room: OpenRoom,
  event: RoomEvent,
  root: StateRoot,
  claimed: readonly RoomEvent[] = [],
): Promise<AuthResult> {
  const found = await room.stateEvents(root, authEventTuples(event.version, event))
  const state = withClaimedMembers(plainEvents(found.values()), claimed)
  return checkAuth(event, authStateOf(state, await impliedCreate(room)))
}

async function findStateBefore(
  services: RoomServices,
  room: OpenRoom,
  event: RoomEvent,
  told: ToldStates | undefined,
): Promise<ResolvedState> {
  if (told && 'before' in told) return { root: told.before, newNodes: [] }
  const previous = await room.events(event.prevEvents)
  const roots = event.prevEvents.map((id) => previous.get(id)?.stateAfter)
  const missing = event.prevEvents.filter((_, index) => roots[index] === undefined)
  if (missing.length > 0 && !told) throw new MissingCausesError([], missing)
  return resolveRoots(services, room, [
    ...roots.filter((root) => root !== undefined),
    ...(told?.afterMissing ?? []),
  ])
}
