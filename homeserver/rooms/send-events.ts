import { canonicalJson } from '../../protocol/json/canonical.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import { buildEvent } from './build-event.ts'
import { commitPlanned } from './commit-planned.ts'
import type { EventDraft } from './event-draft.ts'
import type { HandledIntent } from './handle-intent.ts'
import type { OpenRoom } from './open-room.ts'
import { planWrite } from './plan-write.ts'
import type { SendIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'
import type { JudgedEvent } from '../../protocol/events/room-event.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'

/**
 * Builds local events one on the other. They are handed to the committer together, so that they share a batch.
 *
 * @throws MatrixError when the rules refuse one; those before it are already on their way.
 */
export async function sendEvents(
  services: RoomServices,
  room: OpenRoom,
  intent: SendIntent,
): Promise<HandledIntent> {
  const eventIds: string[] = []
  const events: JudgedEvent[] = []
  const commits: Promise<unknown>[] = []
  try {
    for (const [index, draft] of intent.drafts.entries()) {
      const same = await sameState(room, draft)
      if (same) {
        eventIds.push(same.event.eventId)
        continue
      }
      const { event, stateBefore } = await buildEvent(services, room, draft)
      const transaction = index === 0 && intent.request ? transactionOf(services, intent.request) : undefined
      const planned = await planWrite(services, room, event, stateBefore, { transaction })
      commits.push(commitPlanned(services, room, planned))
      eventIds.push(event.eventId)
      events.push(event)
    }
  } catch (error) {
    // Those under way commit all the same; their failure would be the room's, and is reported where it is read.
    for (const commit of commits) commit.catch(() => undefined)
    throw error
  }
  return { room, committed: Promise.all(commits).then(() => ({ eventIds, events })) }
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

function transactionOf(services: RoomServices, request: NonNullable<SendIntent['request']>) {
  return {
    userNid: request.userNid,
    deviceId: request.deviceId,
    requestHash: Buffer.from(request.requestHash, 'hex'),
    createdTs: services.now(),
  }
}
