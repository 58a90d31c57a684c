import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { messagesAfter } from '../../storage/e2ee/to-device-inbox.ts'
import type { KeyUser } from '../keys/key-services.ts'
import { MAX_MESSAGES } from '../to-device/inbox.ts'
import { requireDehydratedDevice, type DehydrationServices } from './dehydrated-devices.ts'

/** The number of a message, which is at most 2^53 − 1. */
const TOKEN = /^\d{1,15}$/

/**
 * The messages for a user's dehydrated device, in order. None is deleted: another device may have to begin again when
 * the one that reads them gets lost (MSC3814).
 *
 * @param nextBatch from the answer before; undefined for the first messages.
 * @returns the messages as JSON texts, and the token for those after them.
 * @throws MatrixError 403 for another device, 400 M_INVALID_PARAM for what is no token, 404.
 */
export async function dehydratedEvents(
  services: DehydrationServices,
  user: KeyUser,
  deviceId: string,
  nextBatch: string | undefined,
): Promise<{ events: string[]; nextBatch: string }> {
  const device = await requireDehydratedDevice(services, user)
  if (device.deviceId !== deviceId) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'This is not your dehydrated device')
  }
  if (nextBatch !== undefined && !TOKEN.test(nextBatch)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`next_batch` is not a token that this server gave out')
  }
  const after = Number(nextBatch ?? 0)
  const messages = await messagesAfter(services.keys.queries, user.userNid, deviceId, after, MAX_MESSAGES)
  return {
    events: messages.map(({ event }) => event),
    nextBatch: String(messages.at(-1)?.seq ?? after),
  }
}
