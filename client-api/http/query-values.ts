import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** Synapse's, of its lists for administrators. */
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

/** Which part of a list is asked for. @throws MatrixError 400 M_INVALID_PARAM. */
export function listedPart(request: IncomingRequest): { readonly from: number; readonly limit: number } {
  return {
    from: queryNumber(request, 'from', 0),
    limit: Math.min(queryNumber(request, 'limit', DEFAULT_LIMIT), MAX_LIMIT),
  }
}

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
