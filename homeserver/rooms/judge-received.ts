import { rejected, type AuthResult } from '../../protocol/auth-rules/auth-result.ts'
import { checkAuthEvents } from '../../protocol/auth-rules/check-auth-events.ts'
import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import type { JudgedEvent, RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import { checkAgainst, impliedCreate } from './check-against.ts'
import { judged } from './judged-event.ts'
import { plainEvents, type OpenRoom } from './open-room.ts'
import { isRecommended } from './policy/policy-of-room.ts'
import { checkByClaims } from './partial-state/check-by-claims.ts'
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
  const byAuthEvents = await judgeByAuthEvents(room, event)
  if (!byAuthEvents.allowed) return { event: judged(event, 'rejected', byAuthEvents.reason), stateBefore }

  const staged = services.trie.stage(stateBefore.newNodes)
  try {
    const lacksMembers = !(told && 'before' in told) && (await followsPartialState(room, event))
    const before = await checkState(services, room, event, stateBefore.root, lacksMembers)
    if (!before.allowed) return { event: judged(event, 'rejected', before.reason), stateBefore }
    const headLacksMembers = lacksMembers || services.partial.has(room.head.roomNid)
    const current = await checkState(services, room, event, room.head.root, headLacksMembers)
    if (!current.allowed) return { event: judged(event, 'soft-failed', current.reason), stateBefore }
    if (!(await isRecommended(services, room, event))) {
      return { event: judged(event, 'soft-failed', NOT_RECOMMENDED), stateBefore }
    }
    return { event: judged(event, 'accepted'), stateBefore }
  } finally {
    staged.discarded()
  }
}

function checkState(
  services: RoomServices,
  room: OpenRoom,
  event: RoomEvent,
  root: StateRoot,
  lacksMembers: boolean,
): Promise<AuthResult> {
  return lacksMembers ? checkByClaims(services, room, event, root) : checkAgainst(room, event, root)
}

/** The fourth check. @throws MissingCausesError */
export async function judgeByAuthEvents(room: OpenRoom, event: RoomEvent): Promise<AuthResult> {
  if (event.type === 'm.room.create') return rejected('The room has its create event already.')
  const known = await room.events(event.authEvents)
  const missing = event.authEvents.filter((id) => !known.has(id))
  if (missing.length > 0) throw new MissingCausesError(missing, [])
  const authEvents = plainEvents(known.values())
  const listed = checkAuthEvents(event, authEvents, (id) => known.get(id)?.verdict === 'rejected')
  return listed.allowed ? checkAuth(event, authStateOf(authEvents, await impliedCreate(room))) : listed
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
