import { stateOfTypeInRooms } from '../../../storage/directory/directory-reader.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { shownEvent } from '../../history/event-text.ts'
import { loadSummaries, type SummaryServices } from '../summaries/load-summaries.ts'
import { SPACE, type RoomSummary } from '../summaries/room-summary.ts'
import { compareSpaceChildren, readSpaceChild, SPACE_CHILD, type SpaceChild } from './space-child.ts'

/** Children of one space; the largest that are known have some hundreds. */
const MAX_CHILDREN = 2_000

/** A room that this server is in, with its children where it is a space. */
export interface LocalSpace {
  readonly roomNid: RoomNid
  readonly summary: RoomSummary
  /** In their order. */
  readonly children: readonly SpaceChild[]
}

/** Those of these rooms that this server is in: a constant number of queries, whatever the number of rooms. */
export async function loadSpaces(
  services: SummaryServices,
  roomIds: readonly string[],
): Promise<Map<string, LocalSpace>> {
  const roomNids = [...(await services.interner.findRooms(roomIds)).values()]
  const summaries = await loadSummaries(services, roomNids)
  const spaces = [...summaries.keys()].filter((roomNid) => summaries.get(roomNid)?.roomType === SPACE)
  const children = await loadChildren(services, spaces)
  return new Map(
    Array.from(summaries, ([roomNid, summary]) => [
      summary.roomId,
      { roomNid, summary, children: children.get(roomNid) ?? [] },
    ]),
  )
}

async function loadChildren(
  { queries, interner, events }: SummaryServices,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, SpaceChild[]>> {
  const typeNid = await interner.findTypeNid(SPACE_CHILD)
  if (typeNid === undefined) return new Map()
  const places = await stateOfTypeInRooms(queries, roomNids, typeNid, MAX_CHILDREN)
  const children = new Map<RoomNid, SpaceChild[]>(roomNids.map((roomNid) => [roomNid, []]))
  for (const stored of (await events.byPlaces(places)).values()) {
    const child = readSpaceChild(shownEvent(stored))
    if (child) children.get(stored.roomNid)?.push(child)
  }
  for (const list of children.values()) list.sort(compareSpaceChildren)
  return children
}
