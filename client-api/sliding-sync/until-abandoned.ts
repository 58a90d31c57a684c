import { jsonText, type Answer } from '../../homeserver/http/answer.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'

/** Answers with JSON text. @param answer is told by the signal when nobody waits for it any more. */
export async function untilAbandoned(
  request: IncomingRequest,
  answer: (signal: AbortSignal) => Promise<string>,
): Promise<Answer> {
  const abandoned = new AbortController()
  const abandon = (): void => abandoned.abort()
  request.message.socket.once('close', abandon)
  try {
    return jsonText(await answer(abandoned.signal))
  } finally {
    request.message.socket.off('close', abandon)
  }
}
