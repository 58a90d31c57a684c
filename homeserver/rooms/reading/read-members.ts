import { membershipIn } from '../../../protocol/auth-rules/membership.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid } from '../../../storage/numeric-ids.ts'
import { memberEventsOf } from '../../../storage/rooms/membership-reader.ts'
import { rootAtPlace, stateOfTypeAt } from '../../../storage/rooms/members-at.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { Token } from '../../sync/tokens.ts'
import type { Actor } from '../actions/actor.ts'
import type { RoomServices } from '../room-services.ts'
import { readInPages } from './read-state.ts'
import { requireJoined, sightOfRoom, type RoomSight } from './room-sight.ts'

/** Which members to list. */
export interface MembersQuery {
  /** As the room was then; former members never see more than when they left. */
  readonly at: Token | undefined
  readonly membership: string | undefined
  readonly notMembership: string | undefined
}

/**
 * Membership events of a room, as a user may see them, page by page.
 *
 * @throws MatrixError 403 as `sightOfRoom`; 503 where not all members become known in time.
 */
export async function* readMembers(
  services: RoomServices,
  user: Actor,
  roomId: string,
  { at, membership, notMembership }: MembersQuery,
): AsyncGenerator<readonly StoredEvent[]> {
  const sight = await sightOfRoom(services, user, roomId)
  if (sight.root === undefined) await services.partial.requireWhole(sight.roomNid)
  const wanted = ({ event }: StoredEvent): boolean => {
    const own = membershipIn(event)
    return (
      (membership === undefined || own === membership) &&
      (notMembership === undefined || own !== notMembership)
    )
  }
  const nids = await memberNids(services, sight, at)
  for await (const page of readInPages(services, sight.roomNid, nids)) yield page.filter(wanted)
}

/** Membership events of those who are joined, page by page. @throws MatrixError 403 for those who are not; 503 as `readMembers`. */
export async function* readJoinedMembers(
  services: RoomServices,
  user: Actor,
  roomId: string,
): AsyncGenerator<readonly StoredEvent[]> {
  const roomNid = await requireJoined(services, user, roomId)
  await services.partial.requireWhole(roomNid)
  yield* readInPages(services, roomNid, await memberEventsOf(services.queries, roomNid, ['join']))
}

async function memberNids(
  services: RoomServices,
  { roomNid, root }: RoomSight,
  at: Token | undefined,
): Promise<readonly EventNid[]> {
  const { queries, interner } = services
  if (root !== undefined) return membersIn(services, roomNid, root)
  if (at === undefined) return memberEventsOf(queries, roomNid)
  const typeNid = await interner.typeNid('m.room.member')
  if (at.kind === 'stream') return stateOfTypeAt(queries, roomNid, typeNid, at.position)
  const then = await rootAtPlace(queries, roomNid, at.place)
  if (then !== undefined) return membersIn(services, roomNid, then)
  // The timeline held all that is known of the room: its members are those that went with it.
  return at.toldAt === undefined ? [] : stateOfTypeAt(queries, roomNid, typeNid, at.toldAt)
}

async function membersIn(
  { trie, interner }: RoomServices,
  roomNid: RoomSight['roomNid'],
  root: StateRoot,
): Promise<EventNid[]> {
  const typeNid = await interner.typeNid('m.room.member')
  const entries = await trie.entries(roomNid, root)
  return entries.filter((entry) => entry.typeNid === typeNid).map((entry) => entry.eventNid)
}
