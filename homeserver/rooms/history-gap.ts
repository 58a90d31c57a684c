/** More than will ever be fetched of what is missing at one place. */
const HISTORY_GAP = 2 ** 32

/**
 * The place of an event of which causes are missing (`event.history_pos`): it leaves free places below itself for
 * the history that may be fetched later, and is a multiple of 2³², by which it can be told.
 *
 * @param last the newest place so far.
 */
export function placeAboveGap(last: number): number {
  return (Math.floor(last / HISTORY_GAP) + 1) * HISTORY_GAP
}

/** Whether something was missing right below a live event when it took its place; it may have been fetched since. */
export function isAboveGap(place: number): boolean {
  return place > 0 && place % HISTORY_GAP === 0
}
