import { EventType, MatrixError, Method, MsgType } from 'matrix-js-sdk'
import { eventually } from './eventually.ts'
import type { SdkUser } from './js-sdk.ts'

const FORBIDDEN = 403
const SERVER_ERROR = 500

/**
 * Sends a text message. What the library gives up is sent again under the same transaction id.
 *
 * @param body unique in its room: it is the transaction id as well.
 * @returns the acknowledged event's id, or undefined when the server refused it for good (403).
 */
export async function say(user: SdkUser, roomId: string, body: string): Promise<string | undefined> {
  const content = { msgtype: MsgType.Text as const, body }
  const path = `/rooms/${encodeURIComponent(roomId)}/send/${EventType.RoomMessage}/${encodeURIComponent(body)}`
  try {
    return (await user.client.sendMessage(roomId, content, body)).event_id
  } catch (error) {
    if (isRefusal(error)) return undefined
  }
  const answer = await insist(() =>
    user.client.http.authedRequest<{ event_id: string }>(Method.Put, path, {}, content),
  ).catch((error: unknown) => {
    if (isRefusal(error)) return undefined
    throw error
  })
  return answer?.event_id
}

function isRefusal(error: unknown): boolean {
  return error instanceof MatrixError && error.httpStatus === FORBIDDEN
}

/** Repeats a request until the server answers it. Refusals are thrown, and the last failure after a while. */
export async function insist<T>(request: () => Promise<T>): Promise<T> {
  let failure: unknown
  const answered = await eventually(
    () => `an answer; the last one was ${String(failure)}`,
    async () => {
      try {
        return { answer: await request() }
      } catch (error) {
        if (error instanceof MatrixError && (error.httpStatus ?? 0) < SERVER_ERROR) throw error
        failure = error
        return undefined
      }
    },
  )
  return answered.answer
}
