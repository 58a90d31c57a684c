import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ConnectionPlace } from '../../storage/sliding-sync/connection-store.ts'
import { formatToken, parseStreamToken, type StreamToken } from '../sync/tokens.ts'

/**
 * The `pos` of sliding sync: `c<connection>.<position>_` before a token of the stream. The position names what the
 * connection has been sent; the stream goes on within it as long as only rooms have news that the client looks at.
 */
export interface SlidingToken {
  readonly place: ConnectionPlace
  readonly stream: StreamToken
}

const POS = /^c(\d{1,15})\.(\d{1,15})_(s.+)$/

/** The text of a `pos`. */
export function formatPos({ place, stream }: SlidingToken): string {
  return `c${place.connectionNid}.${place.position}_${formatToken(stream)}`
}

/** Reads a `pos`. @throws MatrixError 400 M_UNKNOWN_POS for what this server never gave out. */
export function parsePos(text: string): SlidingToken {
  const match = POS.exec(text)
  if (!match) throw unknownPos()
  const [, connectionNid, position, stream] = match
  try {
    return {
      place: { connectionNid: Number(connectionNid), position: Number(position) },
      stream: parseStreamToken(stream!, 'pos'),
    }
  } catch (error) {
    throw error instanceof MatrixError ? unknownPos() : error
  }
}

/** Tells the client to begin the connection anew. */
export function unknownPos(): MatrixError {
  return new MatrixError(400, 'M_UNKNOWN_POS', 'This position is not known any more; begin without one')
}
