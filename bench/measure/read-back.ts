import type { MatrixUser } from '../client/matrix-user.ts'

/** Few round trips, and below the page size that servers cap at. */
const PAGE = 500

/** A page may be empty and yet not the last; so many of them in a row are a server that does not see the end. */
const MAX_EMPTY_PAGES = 10

/** What was acknowledged in one room: event id to the body it was sent with, in order of acknowledgement. */
export type Acknowledged = ReadonlyMap<string, string>

/**
 * Reads a room's history to its start and compares it with what the server acknowledged.
 * @param ordered whether each message was sent after the one before it was acknowledged, so that
 *   history must hold them in that order
 * @returns one sentence for each way in which they differ
 */
export async function readBack(
  reader: MatrixUser,
  roomId: string,
  sent: Acknowledged,
  ordered: boolean,
): Promise<string[]> {
  const history = await readHistory(reader, roomId)
  const seen = new Map(history)
  const failures: string[] = []
  const missing = [...sent.keys()].filter((id) => !seen.has(id)).length
  const altered = [...sent].filter(([id, body]) => seen.has(id) && seen.get(id) !== body).length
  if (missing > 0) failures.push(`${missing} of ${sent.size} acknowledged events are lost in ${roomId}`)
  if (altered > 0)
    failures.push(`${altered} of ${sent.size} events in ${roomId} have other content than was sent`)
  if (history.length > seen.size) failures.push(`${roomId} has ${history.length - seen.size} events twice`)
  if (ordered && missing === 0) {
    const stored = history.map(([id]) => id).filter((id) => sent.has(id))
    const expected = [...sent.keys()]
    if (stored.some((id, index) => id !== expected[index])) failures.push(`${roomId} has events out of order`)
  }
  return failures
}

/** Every message of the room, oldest first, as pairs of event id and body. */
async function readHistory(reader: MatrixUser, roomId: string): Promise<[string, string | undefined][]> {
  const newestFirst: [string, string | undefined][] = []
  let from: string | undefined
  let emptyPages = 0
  do {
    const page = await reader.messages(roomId, PAGE, from)
    for (const event of page.chunk) newestFirst.push([event.event_id, event.content.body])
    emptyPages = page.chunk.length === 0 ? emptyPages + 1 : 0
    from = page.end
  } while (from !== undefined && emptyPages < MAX_EMPTY_PAGES)
  return newestFirst.reverse()
}
