import type { HeldEvent, RoomContents } from '../two-servers/room-contents.ts'

/** What the servers are compared by. */
export interface Compared {
  /** By server. */
  readonly contents: readonly RoomContents[]
  /** Events that not every server needs to have. */
  readonly earlier: ReadonlySet<string>
  /** Events that some server has told its clients of as sent. */
  readonly acknowledged: readonly string[]
}

/**
 * Where the servers differ in the room's state, in the events that they have and in forward extremities, as sentences.
 * Events that a server has soft-failed stand apart: which they are depends on the order in which they arrive.
 */
export function differences({ contents, earlier, acknowledged }: Compared): string[] {
  const found: string[] = []
  const of = (what: string, values: readonly string[]): void => {
    if (new Set(values).size > 1)
      found.push(...values.map((value, server) => `${what} of s${server}: ${value}`))
  }
  const places = new Set(contents.flatMap(({ state }) => [...state.keys()]))
  for (const place of [...places].sort()) {
    of(
      `state at ${place}`,
      contents.map(({ state }) => state.get(place) ?? 'nothing'),
    )
  }
  of(
    'extremities',
    contents.map(({ extremities }) => extremities.join(' ')),
  )

  const placed = contents.map(({ events }) => events.filter((event) => !event.outlier))
  const softFailed = new Set(placed.flatMap((events) => events.filter(hasVerdict('soft-failed')).map(idOf)))
  const everything = new Set(placed.flatMap((events) => events.map(idOf)))
  for (const [server, events] of placed.entries()) {
    const ids = new Set(events.map(idOf))
    const missing = [...everything].filter((id) => !ids.has(id) && !earlier.has(id) && !softFailed.has(id))
    for (const id of missing) found.push(`s${server} has no ${id}`)
    // Every event was allowed where it was made, and is judged by the same state everywhere.
    for (const event of events.filter(hasVerdict('rejected')))
      found.push(`s${server} has rejected ${event.type} ${event.eventId}`)
  }
  for (const id of acknowledged) if (!everything.has(id)) found.push(`no server has ${id}, which was sent`)
  return found
}

const idOf = ({ eventId }: HeldEvent): string => eventId

const hasVerdict =
  (verdict: HeldEvent['verdict']) =>
  (event: HeldEvent): boolean =>
    event.verdict === verdict
