import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/**
 * A whole number of a query.
 *
 * @param otherwise what stands for one that is left out; without it there must be one.
 * @throws MatrixError 400 M_INVALID_PARAM, M_MISSING_PARAM.
 */
export function queryNumber(request: IncomingRequest, name: string, otherwise?: number): number {
  const text = request.query(name)
  if (text === undefined && otherwise !== undefined) return otherwise
  if (text === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${name}\` is missing`)
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new MatrixError(400, 'M_INVALID_PARAM', `\`${name}\` must be a whole number that is not negative`)
}

/** One of some words in a query. @throws MatrixError 400 M_INVALID_PARAM for another one. */
export function queryChoice<Choice extends string>(
  request: IncomingRequest,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  const text = request.query(name)
  if (text === undefined) return otherwise
  const chosen = choices.find((choice) => choice === text)
  if (chosen !== undefined) return chosen
  throw new MatrixError(400, 'M_INVALID_PARAM', `\`${name}\` must be one of ${choices.join(', ')}`)
}
