/**
 * Waits for all of some writes, whatever becomes of the others.
 *
 * @throws AggregateError with what has failed.
 */
export async function settleAll(work: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work)
  const failures = outcomes.flatMap((outcome): unknown[] =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  )
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${work.length} failed`)
}
