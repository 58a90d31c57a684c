import { membershipIn } from '../../../homeserver/rooms/membership-in.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import type { Membership } from '../../../protocol/auth-rules/membership.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { stateTuple } from '../../../protocol/state/state-map.ts'
import {
  historyVisibilityIn,
  type HistoryVisibility,
} from '../../../protocol/visibility/history-visibility.ts'
import { mayServerSeeEvent } from '../../../protocol/visibility/may-see-event.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import { usersOfServer } from '../../../storage/federation/users-of-server.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { VerifiedOrigin } from '../authenticate.ts'

/** Of a server with more users in one room, those beyond are not asked whether they were there. */
const MAX_USERS = 2_000

const VISIBILITY = { type: 'm.room.history_visibility', stateKey: '' }

/** The state around an event, as far as it decides who sees it. */
interface Sight {
  readonly visibility: HistoryVisibility
  readonly memberships: ReadonlySet<Membership>
}

/**
 * Which of these events of a room a server may be given, by event id (DESIGN §3.11). The server is in the room now,
 * so for each of them it joined at some point after it, if not before.
 */
export async function visibleToServer(
  services: RoomServices,
  room: OpenRoom,
  origin: VerifiedOrigin,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<string>> {
  const sights = new Map<StateRoot, Promise<Sight>>()
  let users: Promise<readonly string[]> | undefined
  const sightAt = (root: StateRoot): Promise<Sight> => {
    const known = sights.get(root)
    if (known) return known
    const sight = readSight(room, root, () => (users ??= usersIn(services, room, origin)))
    sights.set(root, sight)
    return sight
  }

  const visible = new Set<string>()
  for (const { event, stateBefore, stateAfter } of events) {
    // An outlier has no place from which to tell; it is served as a part of states and auth chains only.
    if (stateBefore === undefined) continue
    const before = await sightAt(stateBefore)
    const after =
      stateAfter === undefined || event.stateKey === undefined ? before : await sightAt(stateAfter)
    const isOwnMembership = event.type === 'm.room.member' && serverOf(event.stateKey ?? '') === origin
    const sight = {
      type: event.type,
      stateKey: event.stateKey,
      isOwnMembership,
      visibility: { before: before.visibility, after: after.visibility },
      memberships: { before: before.memberships, after: after.memberships },
      joinedLater: true,
    }
    if (mayServerSeeEvent(sight)) visible.add(event.eventId)
  }
  return visible
}

async function readSight(
  room: OpenRoom,
  root: StateRoot,
  users: () => Promise<readonly string[]>,
): Promise<Sight> {
  const state = await room.stateEvents(root, [VISIBILITY])
  const visibility = historyVisibilityIn(state.get(stateTuple(VISIBILITY.type, VISIBILITY.stateKey))?.event)
  // Under the open settings it does not matter who was there.
  if (visibility === 'world_readable' || visibility === 'shared')
    return { visibility, memberships: new Set() }
  const places = (await users()).map((stateKey) => ({ type: 'm.room.member', stateKey }))
  const members = await room.stateEvents(root, places)
  return {
    visibility,
    memberships: new Set(Array.from(members.values(), ({ event }) => membershipIn(event))),
  }
}

/** The users of a server that a room has known. */
export async function usersIn(
  { interner, queries }: RoomServices,
  { head }: OpenRoom,
  origin: VerifiedOrigin,
): Promise<readonly string[]> {
  const serverNid = await interner.findServerNid(origin)
  return serverNid === undefined ? [] : usersOfServer(queries, head.roomNid, serverNid, MAX_USERS)
}
