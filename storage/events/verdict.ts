import type { Verdict } from '../../protocol/events/room-event.ts'

const CODES = { accepted: 0, 'soft-failed': 1, rejected: 2 } as const satisfies Record<Verdict, number>
const VERDICTS: readonly Verdict[] = ['accepted', 'soft-failed', 'rejected']

/** The code of accepted events, for queries that serve nothing else. */
export const ACCEPTED = CODES.accepted
/** The code of rejected events. */
export const REJECTED = CODES.rejected

/** A verdict as the `event.verdict` column holds it. */
export function verdictCode(verdict: Verdict): number {
  return CODES[verdict]
}

/** The verdict of an `event.verdict` column. */
export function verdictOf(code: number): Verdict {
  const verdict = VERDICTS[code]
  if (!verdict) throw new RangeError(`no verdict has the code ${code}`)
  return verdict
}
