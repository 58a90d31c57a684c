/**
 * How long the longest path of auth edges from an event is, by the heights of its auth events. Counted by this server for
 * every event that it stores, because what an event says of its depth can be anything.
 *
 * @returns undefined where it cannot be counted, because a part of the auth chain is not here.
 */
export function authHeight(
  authEvents: readonly string[],
  heightOf: (eventId: string) => number | undefined,
): number | undefined {
  let height = 0
  for (const eventId of authEvents) {
    const below = heightOf(eventId)
    if (below === undefined) return undefined
    height = Math.max(height, below + 1)
  }
  return height
}
