import type { ThreadSubscriptionChange } from '../../storage/relations/thread-subscription-reader.ts'
import { streamPosition, type StreamPosition } from '../../storage/position/position.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { parseStreamToken } from '../sync/tokens.ts'

/** The most changes of one answer, which clients may ask for. */
export const MAX_CHANGES = 500
/** As many as the proposal says, where a client does not. */
export const DEFAULT_CHANGES = 100

const TOKEN = /^t(\d{1,15})$/

/** A token that pages backwards through a user's changes: to what came before a position. */
export function changesToken(position: StreamPosition): string {
  return `t${position}`
}

/** Reads one. @throws MatrixError 400 M_INVALID_PARAM. */
export function parseChangesToken(text: string, parameter: string): StreamPosition {
  const match = TOKEN.exec(text)
  if (match) return streamPosition(Number(match[1]))
  throw new MatrixError(400, 'M_INVALID_PARAM', `\`${parameter}\` is no token of this endpoint`)
}

/** Reads one, or the position of a sliding sync. @throws MatrixError 400 M_INVALID_PARAM. */
export function parseChangesBound(text: string, parameter: string): StreamPosition {
  return TOKEN.test(text) ? parseChangesToken(text, parameter) : parseStreamToken(text, parameter).position
}

/**
 * Changes as MSC4308 shows them, by room and thread.
 *
 * @param changes newest first, the oldest one past the limit included.
 * @returns undefined members where there are none; `older` continues before the oldest that is shown.
 */
export function changesJson(changes: readonly ThreadSubscriptionChange[], limit: number) {
  const shown = changes.slice(0, limit)
  const oldest = shown.at(-1)
  const more = changes.length > limit && oldest !== undefined
  return {
    subscribed: byThread(
      shown.filter(({ subscribed }) => subscribed),
      ({ automatic, position }) => ({ automatic, bump_stamp: position }),
    ),
    unsubscribed: byThread(
      shown.filter(({ subscribed }) => !subscribed),
      ({ position }) => ({ bump_stamp: position }),
    ),
    older: more ? changesToken(oldest.position) : undefined,
  }
}

function byThread(
  changes: readonly ThreadSubscriptionChange[],
  show: (change: ThreadSubscriptionChange) => object,
): object | undefined {
  if (changes.length === 0) return undefined
  const rooms = Map.groupBy(changes, ({ roomId }) => roomId)
  return Object.fromEntries(
    Array.from(rooms, ([roomId, ofRoom]) => [
      roomId,
      Object.fromEntries(ofRoom.map((change) => [change.rootEventId, show(change)])),
    ]),
  )
}
