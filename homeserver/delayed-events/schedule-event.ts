import { sha256 } from '../../protocol/crypto/sha256.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findDelayOfRequest } from '../../storage/delayed-events/delayed-event-reader.ts'
import { insertDelayedEvent } from '../../storage/delayed-events/delayed-event-writer.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { joinedAmong } from '../../storage/rooms/membership-reader.ts'
import { deviceScope } from '../accounts/device-scope.ts'
import { newSessionId } from '../accounts/bearer-secrets.ts'
import type { Actor, DeviceActor } from '../rooms/actions/actor.ts'
import { checkDraft } from '../rooms/actions/check-draft.ts'
import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { notInRoom } from '../rooms/actions/submit-draft.ts'
import { writeDraft, type DelayedDraft } from './delayed-draft.ts'
import type { DelayedEvents } from './delayed-events.ts'

/** An event is no larger than this as a whole (client-server API, "Size limits"), so no draft is. */
const MAX_DRAFT_BYTES = 65_536

/** A request that may be repeated with the same transaction id. */
export interface DelayRequest {
  readonly roomId: string
  readonly type: string
  readonly txnId: string
}

/** An event and the milliseconds that it waits. */
export interface EventToDelay extends DelayedDraft {
  readonly roomId: string
  readonly delayMs: number
}

/** The id that the same request was answered with before. */
export function findRepeated(
  { rooms }: DelayedEvents,
  sender: DeviceActor,
  request: DelayRequest,
): Promise<string | undefined> {
  return findDelayOfRequest(
    rooms.services.queries,
    sender.userNid,
    deviceScope(sender.deviceId),
    hashOf(request),
  )
}

/**
 * Has an event sent later (MSC4140, "Scheduling a delayed event"). Whether its sender may send it is decided then.
 *
 * @param request undefined where the endpoint has no transaction id.
 * @returns the delay id, by which it is managed.
 * @throws MatrixError 403 M_FORBIDDEN for a longer delay than is allowed, and where the user is not in the room;
 *   429 M_LIMIT_EXCEEDED when too many wait; as `checkDraft`.
 */
export async function scheduleEvent(
  { rooms, config, jobs }: DelayedEvents,
  sender: DeviceActor,
  event: EventToDelay,
  request: DelayRequest | undefined,
): Promise<string> {
  const { services, limits } = rooms
  limits.message.consumeFor(sender)
  checkDelay(config.maxDelayMs, config.maxScheduled, event.delayMs)
  checkDraft({ ...event, sender: sender.userId })
  const draft = writeDraft(event)
  if (Buffer.byteLength(draft) > MAX_DRAFT_BYTES) {
    throw new MatrixError(413, 'M_TOO_LARGE', 'Events have 65536 bytes at most')
  }
  const stored = await insertDelayedEvent(
    services.queries,
    {
      delayId: newSessionId(),
      userNid: sender.userNid,
      deviceId: deviceScope(sender.deviceId),
      requestHash: request && hashOf(request),
      roomNid: await joinedRoom(rooms, sender, event.roomId),
      draft,
      delayMs: event.delayMs,
      delayedSinceTs: services.now(),
    },
    config.maxScheduled,
  )
  if (stored.delayId === undefined) throw tooMany(stored.firstDueTs - services.now())
  jobs.wake()
  return stored.delayId
}

function checkDelay(maxDelayMs: number, maxScheduled: number, delayMs: number): void {
  if (maxScheduled === 0 || maxDelayMs === 0) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'This server delays no events')
  }
  if (delayMs <= maxDelayMs) return
  throw new MatrixError(403, 'M_FORBIDDEN', `Events are delayed by ${maxDelayMs} milliseconds at most`)
}

/** Who is not in a room learns nothing of it, and has nothing to send to it. */
async function joinedRoom({ services }: RoomActions, user: Actor, roomId: string): Promise<RoomNid> {
  const roomNid = await services.interner.findRoomNid(roomId)
  if (roomNid === undefined) throw notInRoom()
  const joined = await joinedAmong(services.queries, user.userNid, [roomNid])
  if (joined.length === 0) throw notInRoom()
  return roomNid
}

function tooMany(waitMs: number): MatrixError {
  return new MatrixError(429, 'M_LIMIT_EXCEEDED', 'Too many of your events are waiting already', {
    retry_after_ms: Math.max(1, waitMs),
  })
}

function hashOf({ roomId, type, txnId }: DelayRequest): Buffer {
  return Buffer.from(sha256(JSON.stringify(['delayed', roomId, type, txnId])))
}
