import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { sha256 } from '../../../protocol/crypto/sha256.ts'
import { violatesUnique } from '../../../storage/position/database-error.ts'
import { CLIENT_TRANSACTION_KEY, findClientTransaction } from '../../../storage/rooms/client-transactions.ts'
import { deviceScope } from '../../accounts/device-scope.ts'
import type { RateLimiter } from '../../rate-limits/rate-limiter.ts'
import type { EventDraft } from '../event-draft.ts'
import { PolicySignatureNeededError } from '../policy/policy-of-room.ts'
import type { RequestIdentity } from '../room-intent.ts'
import type { DeviceActor } from './actor.ts'
import { checkDraft } from './check-draft.ts'
import { receiveOwn, recommended } from './own-signed-events.ts'
import type { RoomActions } from './room-actions.ts'

/**
 * Writes one local event.
 *
 * @returns its id.
 * @throws MatrixError 403 where the rules refuse it or the room is not known here: who is not in a room learns
 *   nothing of it; 400 M_BAD_JSON, 413 M_TOO_LARGE.
 */
export async function submitDraft(
  actions: RoomActions,
  roomId: string,
  draft: EventDraft,
  request?: RequestIdentity,
): Promise<string> {
  checkDraft(draft)
  try {
    return await write(actions, roomId, draft, request)
  } catch (error) {
    if (error instanceof MatrixError && error.status === 404) throw notInRoom()
    const before =
      request && violatesUnique(error, CLIENT_TRANSACTION_KEY)
        ? await findClientTransaction(actions.services.queries, request)
        : undefined
    if (before === undefined) throw error
    return before
  }
}

async function write(
  actions: RoomActions,
  roomId: string,
  draft: EventDraft,
  request: RequestIdentity | undefined,
): Promise<string> {
  try {
    const { eventIds } = await actions.writer.submit(roomId, { kind: 'send', drafts: [draft], request })
    return eventIds[0]!
  } catch (error) {
    if (!(error instanceof PolicySignatureNeededError)) throw error
    const event = await recommended(actions, error.event, error.policy)
    return receiveOwn(actions, event, request)
  }
}

/** What makes two requests the same. */
interface RepeatableEndpoint {
  readonly name: string
  readonly path: readonly string[]
  readonly txnId: string
  /** Of an event whose time has come (MSC4140). */
  readonly delayId?: string | undefined
}

/**
 * Writes one local event for a request that may be repeated with the same transaction id.
 *
 * @param limiterOf under which limit the event counts; `rc_message` unless given.
 */
export function submitOnce(
  actions: RoomActions,
  actor: DeviceActor,
  endpoint: RepeatableEndpoint,
  roomId: string,
  makeDraft: () => EventDraft | Promise<EventDraft>,
  limiterOf: () => RateLimiter | Promise<RateLimiter> = () => actions.limits.message,
): Promise<string> {
  const { name, path, txnId, delayId } = endpoint
  const request: RequestIdentity = {
    userNid: actor.userNid,
    deviceId: deviceScope(actor.deviceId),
    requestHash: Buffer.from(sha256(JSON.stringify([name, ...path, txnId]))).toString('hex'),
    transactionId: txnId,
    delayId,
  }
  return actions.requests.once(request, txnId, async () => {
    const limiter = await limiterOf()
    limiter.consumeFor(actor)
    try {
      return await submitDraft(actions, roomId, await makeDraft(), request)
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      // A request that is repeated late may be refused for what it did itself.
      const before = await findClientTransaction(actions.services.queries, request)
      if (before === undefined) throw error
      return before
    }
  })
}

/** What those are told who are not in a room, whether it exists or not. */
export function notInRoom(): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', 'You are not in this room')
}
