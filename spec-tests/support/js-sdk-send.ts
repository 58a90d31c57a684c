import { setTimeout as delay } from 'node:timers/promises'
import { EventType, MatrixError, Method, MsgType } from 'matrix-js-sdk'
import type { SdkUser } from './js-sdk.ts'

const RETRY_MS = 100
const FORBIDDEN = 403

/**
 * Sends a text message. What the library gives up is sent again under the same transaction id, as often as it
 * takes; the test's own time limit ends it.
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
  for (;;) {
    await delay(RETRY_MS)
    try {
      const answer = await user.client.http.authedRequest<{ event_id: string }>(Method.Put, path, {}, content)
      return answer.event_id
    } catch (error) {
      if (isRefusal(error)) return undefined
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof MatrixError && error.httpStatus === FORBIDDEN
}

/** Repeats a request until the server answers it. Refusals are thrown. */
export async function insist<T>(request: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await request()
    } catch (error) {
      if (error instanceof MatrixError && (error.httpStatus ?? 0) < 500) throw error
    }
    await delay(RETRY_MS)
  }
}
