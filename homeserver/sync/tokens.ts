import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { streamPosition, type StreamPosition } from '../../storage/position/position.ts'

/**
 * A place in the stream, as `/sync` gives it out: `s<position>_<epoch>.<version>`. The second part counts what is
 * never stored, within one life of the process.
 */
export interface StreamToken {
  readonly kind: 'stream'
  readonly position: StreamPosition
  readonly ephemeral: EphemeralVersion
}

/** A state of what is never stored (typing). Versions of different epochs cannot be compared. */
export interface EphemeralVersion {
  readonly epoch: string
  readonly version: number
}

/**
 * A gap in one room's history: `h<place>` stands right after the event at `place`, which may be negative. The
 * `prev_batch` of a timeline is `h<place>_<position>`.
 */
export interface HistoryToken {
  readonly kind: 'history'
  readonly place: number
  /** The end of the answer that gave it out. It says when the token is where no history lies below its place. */
  readonly toldAt?: StreamPosition | undefined
}

export type Token = StreamToken | HistoryToken

/**
 * Positions and versions are at most 2^53 − 1: sixteen digits. The `pos` of sliding sync is such a token too, after the
 * name of its connection (MSC4186, "Connections").
 */
const STREAM_TOKEN = /^(?:c\d{1,15}\.\d{1,15}_)?s(\d{1,16})_([A-Za-z0-9_-]{1,32})\.(\d{1,16})$/
const HISTORY_TOKEN = /^h(-?\d{1,16})(?:_(\d{1,16}))?$/

/** The text of a token. */
export function formatToken(token: Token): string {
  if (token.kind === 'history')
    return `h${token.place}${token.toldAt === undefined ? '' : `_${token.toldAt}`}`
  return `s${token.position}_${token.ephemeral.epoch}.${token.ephemeral.version}`
}

/**
 * Reads a token of either kind, as `/messages` takes them.
 *
 * @param parameter the request's parameter, for the error.
 * @throws MatrixError 400 M_INVALID_PARAM when this server never gave out such a token.
 */
export function parseToken(text: string, parameter: string): Token {
  const stream = STREAM_TOKEN.exec(text)
  if (stream) {
    const [, position, epoch, version] = stream
    return {
      kind: 'stream',
      position: streamPosition(safeInteger(position!, parameter)),
      ephemeral: { epoch: epoch!, version: safeInteger(version!, parameter) },
    }
  }
  const history = HISTORY_TOKEN.exec(text)
  if (history) {
    const [, place, toldAt] = history
    return {
      kind: 'history',
      place: safeInteger(place!, parameter),
      ...(toldAt !== undefined && { toldAt: streamPosition(safeInteger(toldAt, parameter)) }),
    }
  }
  throw invalid(parameter)
}

/** Reads a token of the stream, as `/sync` takes it. @throws MatrixError 400 M_INVALID_PARAM for any other. */
export function parseStreamToken(text: string, parameter: string): StreamToken {
  const token = parseToken(text, parameter)
  if (token.kind !== 'stream') throw invalid(parameter)
  return token
}

function safeInteger(digits: string, parameter: string): number {
  const value = Number(digits)
  if (!Number.isSafeInteger(value)) throw invalid(parameter)
  // `h-0` names the same gap as `h0`.
  return value === 0 ? 0 : value
}

function invalid(parameter: string): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', `\`${parameter}\` is not a token that this server gave out`)
}
