import { jsonText, type Answer } from '../../homeserver/http/answer.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import type { Viewer } from '../../homeserver/history/read-services.ts'
import type { Presence } from '../../homeserver/presence/presence.ts'
import { readPresence } from '../presence/read-presence.ts'

/**
 * Answers with JSON text; meanwhile the user is present, in the way that `set_presence` says.
 *
 * @param answer is told by the signal when nobody waits for it any more.
 * @throws MatrixError 400 M_INVALID_PARAM for a presence that there is not.
 */
export async function untilAbandoned(
  request: IncomingRequest,
  presence: Presence,
  viewer: Viewer,
  setPresence: unknown,
  answer: (signal: AbortSignal) => Promise<string>,
): Promise<Answer> {
  const disconnect = presence.connect(viewer, readPresence(setPresence))
  const abandoned = new AbortController()
  const abandon = (): void => abandoned.abort()
  request.message.socket.once('close', abandon)
  try {
    return jsonText(await answer(abandoned.signal))
  } finally {
    disconnect()
    request.message.socket.off('close', abandon)
  }
}
