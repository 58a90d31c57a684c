import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { checkAuthEvents } from '../../protocol/auth-rules/check-auth-events.ts'
import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import type { JudgedEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import { EVENT_WRITE } from '../../storage/events/event-write.ts'
import { historyGapBelow } from '../../storage/federation/history-gap.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { HandledIntent } from './handle-intent.ts'
import { checkAgainst, impliedCreate } from './check-against.ts'
import { judged } from './judged-event.ts'
import { plainEvents, type OpenRoom } from './open-room.ts'
import { planHistory, type HistoryJudgement, type PlannedHistory } from './plan-history.ts'
import { resolveRoots, type ResolvedState } from './resolve-roots.ts'
import type { HistoryEvent, HistoryIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'

/**
 * Stores events from before what is here, in the free places of the history order below their children. They never
 * were new and change nothing of the room's head. An event whose state before it is not known, or whose auth events
 * are not here, is left out, and so is all that could only be placed through it.
 *
 * @returns the events that are stored now; none when the gap has no places left for them.
 */
export async function storeHistory(
  services: RoomServices,
  room: OpenRoom,
  intent: HistoryIntent,
): Promise<HandledIntent> {
  const here = await room.events(intent.events.map(({ event }) => event.eventId))
  const fresh = intent.events.filter(({ event }) => here.get(event.eventId)?.outlier !== false)
  const nothing: HandledIntent = { room, committed: Promise.resolve({ eventIds: [], events: [] }) }
  const ids = fresh.map(({ event }) => event.eventId)
  const gap = await historyGapBelow(services.queries, room.head.roomNid, ids)
  if (!gap || gap.above - gap.below <= fresh.length) return nothing

  const commits: Promise<unknown>[] = []
  const events: JudgedEvent[] = []
  try {
    for (const [index, entry] of fresh.entries()) {
      const judgement = await judge(services, room, entry)
      if (!judgement) continue
      const place = { historyPos: gap.above - fresh.length + index, unreadOrdinal: gap.unreadOrdinal }
      commits.push(commitHistory(services, room, await planHistory(services, room, judgement, place)))
      events.push(judgement.event)
    }
  } catch (error) {
    for (const commit of commits) commit.catch(() => undefined)
    throw error
  }
  const eventIds = events.map(({ eventId }) => eventId)
  return { room, committed: Promise.all(commits).then(() => ({ eventIds, events })) }
}

function commitHistory(services: RoomServices, room: OpenRoom, planned: PlannedHistory): Promise<unknown> {
  room.addPending(planned.stored)
  return services.committer.submit(EVENT_WRITE, planned.write).then(
    () => {
      planned.staged.committed()
      room.forgetPending(planned.stored)
    },
    (error: unknown) => {
      planned.staged.discarded()
      throw error
    },
  )
}

/** Judges by the auth events and the state before; the current state has no say in what is long past. */
async function judge(
  services: RoomServices,
  room: OpenRoom,
  { event, stateBefore: told }: HistoryEvent,
): Promise<HistoryJudgement | undefined> {
  const known = await room.events(event.authEvents)
  if (known.size < new Set(event.authEvents).size) return undefined
  const stateBefore = told ? { root: told, newNodes: [] } : await stateAfterCauses(services, room, event)
  if (!stateBefore) return undefined
  const authEvents = plainEvents(known.values())
  const listed = checkAuthEvents(event, authEvents, (id) => known.get(id)?.verdict === 'rejected')
  const byAuthEvents = listed.allowed
    ? checkAuth(event, authStateOf(authEvents, await impliedCreate(room)))
    : listed
  if (!byAuthEvents.allowed) return { event: judged(event, 'rejected', byAuthEvents.reason), stateBefore }
  const staged = services.trie.stage(stateBefore.newNodes)
  try {
    const before = await checkAgainst(room, event, stateBefore.root)
    const verdict = before.allowed ? judged(event, 'accepted') : judged(event, 'rejected', before.reason)
    return { event: verdict, stateBefore }
  } finally {
    staged.discarded()
  }
}

async function stateAfterCauses(
  services: RoomServices,
  room: OpenRoom,
  event: SignedPdu,
): Promise<ResolvedState | undefined> {
  const previous = await room.events(event.prevEvents)
  const roots = event.prevEvents.map((id): StateRoot | undefined => previous.get(id)?.stateAfter)
  const known = roots.filter((root) => root !== undefined)
  if (known.length === 0 || known.length < roots.length) return undefined
  return resolveRoots(services, room, known)
}
