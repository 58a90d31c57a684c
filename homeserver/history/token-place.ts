import type { Queries } from '../../storage/database.ts'
import {
  historyPlaces,
  newestPlace,
  placeOfPosition,
  type Direction,
} from '../../storage/history/history-reader.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { Token } from '../sync/tokens.ts'

/** The gap in a room's history that a token of either kind names. */
export async function placeOfToken(queries: Queries, roomNid: RoomNid, token: Token): Promise<number> {
  if (token.kind === 'history') return token.place
  return (await placeOfPosition(queries, roomNid, token.position)) ?? 0
}

/** The gap from which a room's whole history lies in the direction given. */
export async function wholeHistory(
  queries: Queries,
  roomNid: RoomNid,
  direction: Direction,
): Promise<number> {
  if (direction === 'b') return (await newestPlace(queries, roomNid)) ?? 0
  const [oldest] = await historyPlaces(queries, roomNid, Number.MIN_SAFE_INTEGER, 'f', 1)
  return (oldest?.historyPos ?? 1) - 1
}
