import { canonicalJson } from '../../protocol/json/canonical.ts'
import type { JudgedEvent } from '../../protocol/events/room-event.ts'
import { isSubjectToPolicy, type PolicyServer } from '../../protocol/policy-servers/policy-server.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { buildEvent } from './build-event.ts'
import { giveBack, submitPlanned, takePlanned } from './commit-planned.ts'
import type { EventDraft } from './event-draft.ts'
import type { HandledIntent } from './handle-intent.ts'
import type { OpenRoom } from './open-room.ts'
import { planWrite, type PlannedWrite } from './plan-write.ts'
import { PolicySignatureNeededError, roomPolicyServer } from './policy/policy-of-room.ts'
import { transactionOf } from './request-transaction.ts'
import type { SendIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'

/** Drafts made into events that the room has taken and nobody has submitted yet. */
export interface PlannedDrafts {
  readonly eventIds: string[]
  readonly events: JudgedEvent[]
  readonly writes: PlannedWrite[]
}

/**
 * Builds local events one on the other, and has them committed together.
 *
 * @throws MatrixError when the rules refuse one; PolicySignatureNeededError when the room's policy server has to sign
 *   it first. Then none of them is sent.
 */
export async function sendEvents(
  services: RoomServices,
  room: OpenRoom,
  intent: SendIntent,
): Promise<HandledIntent> {
  const policy = await roomPolicyServer(services, room)
  const { eventIds, events, writes } = await planDrafts(services, room, intent, policy)
  const commits = writes.map((write) => submitPlanned(services, room, write))
  return { room, committed: Promise.all(commits).then(() => ({ eventIds, events })) }
}

/** Builds the drafts and lets the room take them, all or none. */
export async function planDrafts(
  services: RoomServices,
  room: OpenRoom,
  intent: Pick<SendIntent, 'drafts' | 'request'>,
  policy?: PolicyServer,
): Promise<PlannedDrafts> {
  const { head } = room
  const planned: PlannedDrafts = { eventIds: [], events: [], writes: [] }
  try {
    await takeDrafts(services, room, intent, planned, policy)
    return planned
  } catch (error) {
    giveBack(room, head, planned.writes)
    throw error
  }
}

async function takeDrafts(
  services: RoomServices,
  room: OpenRoom,
  { drafts, request }: Pick<SendIntent, 'drafts' | 'request'>,
  planned: PlannedDrafts,
  policy: PolicyServer | undefined,
): Promise<void> {
  for (const [index, draft] of drafts.entries()) {
    const same = await sameState(room, draft)
    if (same) {
      planned.eventIds.push(same.event.eventId)
      continue
    }
    const { event, stateBefore } = await buildEvent(services, room, draft)
    if (policy && isSubjectToPolicy(event)) throw new PolicySignatureNeededError(event, policy)
    const answers = index === 0 ? request : undefined
    const write = await planWrite(services, room, event, stateBefore, {
      transaction: answers && transactionOf(services, answers),
      delayId: answers?.delayId,
    })
    takePlanned(room, write)
    planned.eventIds.push(event.eventId)
    planned.events.push(event)
    planned.writes.push(write)
  }
}

/** The event that already says exactly this: a state that is set again to what it is makes no new event. */
async function sameState(room: OpenRoom, draft: EventDraft): Promise<StoredEvent | undefined> {
  if (draft.stateKey === undefined) return undefined
  const place = { type: draft.type, stateKey: draft.stateKey }
  const current = (await room.stateEvents(room.head.root, [place])).get(
    stateTuple(place.type, place.stateKey),
  )
  if (!current || current.redactedBy !== undefined || current.event.sender !== draft.sender) return undefined
  return canonicalJson(current.event.content) === canonicalJson(draft.content) ? current : undefined
}
