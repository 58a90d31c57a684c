/** Rows of one deleting statement: a few milliseconds of work, which no reader or writer notices. */
const BATCH = 1_000

/**
 * Repeats a deletion until nothing is left for it.
 *
 * @param remove deletes up to `limit` rows and returns how many.
 * @returns how many rows were deleted in all.
 */
export async function deleteInBatches(
  remove: (limit: number) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  for (let total = 0; ;) {
    signal.throwIfAborted()
    const removed = await remove(BATCH)
    total += removed
    if (removed < BATCH) return total
  }
}
