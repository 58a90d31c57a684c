import type { JsonObject } from '../../../protocol/json/value.ts'
import { roomsWithServer } from '../../../storage/directory/directory-reader.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { SummaryServices } from '../summaries/load-summaries.ts'
import { isOpenToAll, letsInMembersOfOthers } from '../summaries/room-access.ts'
import type { RoomSummary } from '../summaries/room-summary.ts'
import { roomSummaryJson } from '../summaries/summary-json.ts'
import { loadSpaces, type LocalSpace } from './load-spaces.ts'

/** Children that are summarised for another server; it asks for the others one by one. */
const MAX_CHILDREN = 50

/** The answer of `GET /_matrix/federation/v1/hierarchy/{roomId}`. */
export interface SpaceForServer {
  readonly room: JsonObject
  readonly children: readonly JsonObject[]
  readonly inaccessible_children: readonly string[]
}

/**
 * A room and, where it is a space, its children, as far as the users of another server may see them. Which of its
 * users may see what is that server's to decide.
 *
 * @returns undefined for a room that this server is not in, or that the other server may not see.
 */
export async function spaceForServer(
  services: SummaryServices,
  origin: string,
  roomId: string,
  suggestedOnly: boolean,
): Promise<SpaceForServer | undefined> {
  const space = (await loadSpaces(services, [roomId])).get(roomId)
  if (!space || !(await accessible(services, origin, [space])).has(roomId)) return undefined
  const links = space.children.filter(({ suggested }) => suggested || !suggestedOnly)
  const wanted = links.slice(0, MAX_CHILDREN).map((link) => link.roomId)
  const children = await loadSpaces(services, wanted)
  const open = await accessible(services, origin, [...children.values()])
  const listed = wanted.map((id) => children.get(id)).filter((child) => child !== undefined)
  return {
    room: { ...roomSummaryJson(space.summary), children_state: links.map(({ stripped }) => stripped) },
    children: listed
      .filter(({ summary }) => open.has(summary.roomId))
      .map(({ summary }) => roomSummaryJson(summary)),
    inaccessible_children: listed.map(({ summary }) => summary.roomId).filter((id) => !open.has(id)),
  }
}

/** The ids of those of these rooms that users of a server may see: it is in them, or could be. */
async function accessible(
  { queries, interner }: SummaryServices,
  origin: string,
  spaces: readonly LocalSpace[],
): Promise<Set<string>> {
  const serverNid = await interner.findServerNid(origin)
  const gates = spaces.flatMap(({ summary }) =>
    letsInMembersOfOthers(summary) ? summary.allowedRoomIds : [],
  )
  const gateNids = await interner.findRooms(new Set(gates))
  const own = spaces.map(({ roomNid }) => roomNid)
  const [inside, inGates] =
    serverNid === undefined
      ? [new Set<RoomNid>(), new Set<RoomNid>()]
      : await Promise.all([
          roomsWithServer(queries, serverNid, own, ['join', 'invite']),
          roomsWithServer(queries, serverNid, [...gateNids.values()], ['join']),
        ])
  const open = new Set([...gateNids].filter(([, nid]) => inGates.has(nid)).map(([id]) => id))
  const mayPass = (summary: RoomSummary): boolean =>
    letsInMembersOfOthers(summary) && summary.allowedRoomIds.some((id) => open.has(id))
  return new Set(
    spaces
      .filter(({ summary }) => summary.federated)
      .filter(({ roomNid, summary }) => inside.has(roomNid) || isOpenToAll(summary) || mayPass(summary))
      .map(({ summary }) => summary.roomId),
  )
}
