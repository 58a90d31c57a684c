import { membershipIn, type Membership } from '../../protocol/auth-rules/membership.ts'
import { historyVisibilityIn, type HistoryVisibility } from '../../protocol/visibility/history-visibility.ts'
import { mayUserSeeEvent } from '../../protocol/visibility/may-see-event.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { eventsOfPlace } from '../../storage/history/history-reader.ts'
import type { EventNid, RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { isAfter } from '../../storage/position/position.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { isIgnored, type IgnoredUsers } from '../moderation/ignored-users.ts'
import type { OpenHistories } from './open-histories.ts'
import type { ReadServices } from './read-services.ts'

/** What one user may know of one event. */
export interface Sighting {
  readonly visible: boolean
  /** The user's membership at the event, with what the event itself makes of it. */
  readonly membership: Membership
}

/** What deciding on a user's sight stands on. */
export interface SightServices extends ReadServices {
  readonly ignoredUsers: IgnoredUsers
}

/** The user's own relation to the rooms of the events; rooms without one are left out. */
export type UserRooms = ReadonlyMap<RoomNid, UserRoom>

interface Scene {
  readonly visibility: HistoryVisibility
  readonly membership: Membership | undefined
}

const HIDDEN: Sighting = { visible: false, membership: 'leave' }
const JOINED: Sighting = { visible: true, membership: 'join' }

/**
 * Decides for a list of events of any rooms which of them a user may see (DESIGN §3.11). Every path that gives
 * events to users goes through here. Events that history does not show (outliers, rejected or soft-failed ones)
 * are hidden, and messages of users whom the user ignores.
 */
export async function sightOf(
  services: SightServices,
  openHistories: OpenHistories,
  viewer: { readonly userNid: UserNid; readonly userId: string },
  rooms: UserRooms,
  events: readonly StoredEvent[],
): Promise<Map<EventNid, Sighting>> {
  const ignored = await services.ignoredUsers.of(viewer.userNid)
  const isHidden = (stored: StoredEvent): boolean =>
    stored.event.sender !== viewer.userId && isIgnored(stored, ignored)
  const open = await openHistories.among(events.map(({ roomNid }) => roomNid))
  const sightings = new Map<EventNid, Sighting>()
  const others: StoredEvent[] = []
  for (const stored of events) {
    const room = rooms.get(stored.roomNid)
    const openToUser = room?.joinedAt !== undefined && open.has(stored.roomNid)
    if (stored.historyPos === undefined || stored.stateBefore === undefined || isHidden(stored)) {
      sightings.set(stored.eventNid, HIDDEN)
    } else if (openToUser && stored.streamPos !== undefined && !isAfter(room.joinedAt, stored.streamPos)) {
      sightings.set(stored.eventNid, JOINED)
    } else {
      others.push(stored)
    }
  }
  if (others.length > 0) await lookClosely(services, viewer.userId, rooms, others, sightings)
  return sightings
}

async function lookClosely(
  services: ReadServices,
  userId: string,
  rooms: UserRooms,
  events: readonly StoredEvent[],
  sightings: Map<EventNid, Sighting>,
): Promise<void> {
  const scenes = await readScenes(services, userId, events)
  const gone = new Set(
    events.map(({ roomNid }) => roomNid).filter((nid) => rooms.get(nid)?.joinedAt === undefined),
  )
  const lastJoins = await readLastJoins(services, userId, [...gone])
  for (const stored of events) {
    const before = scenes.get(stored.stateBefore!)!
    const after = scenes.get(stored.stateAfter ?? stored.stateBefore!)!
    const lastJoin = lastJoins.get(stored.roomNid)
    const visible = mayUserSeeEvent({
      type: stored.event.type,
      stateKey: stored.event.stateKey,
      userId,
      visibility: { before: before.visibility, after: after.visibility },
      membership: { before: before.membership, after: after.membership },
      joinedLater: !gone.has(stored.roomNid) || (lastJoin !== undefined && lastJoin > stored.historyPos!),
    })
    sightings.set(stored.eventNid, { visible, membership: after.membership ?? 'leave' })
  }
}

/** The setting and the user's membership in every state around the events. */
async function readScenes(
  { interner, trie, events: store }: ReadServices,
  userId: string,
  events: readonly StoredEvent[],
): Promise<Map<StateRoot, Scene>> {
  const roots = new Map<StateRoot, RoomNid>()
  for (const { roomNid, stateBefore, stateAfter } of events) {
    if (stateBefore !== undefined) roots.set(stateBefore, roomNid)
    if (stateAfter !== undefined) roots.set(stateAfter, roomNid)
  }
  const [types, keys] = await Promise.all([
    interner.typeNids(['m.room.history_visibility', 'm.room.member']),
    interner.stateKeyNids(['', userId]),
  ])
  const tuples = [
    { typeNid: types.get('m.room.history_visibility')!, stateKeyNid: keys.get('')! },
    { typeNid: types.get('m.room.member')!, stateKeyNid: keys.get(userId)! },
  ]
  const found = await Promise.all(
    Array.from(roots, async ([root, roomNid]) => ({
      root,
      roomNid,
      nids: await trie.getMany(roomNid, root, tuples),
    })),
  )
  const places = found.flatMap(({ roomNid, nids }) =>
    nids.filter((nid) => nid !== undefined).map((eventNid) => ({ roomNid, eventNid })),
  )
  const state = await store.byPlaces(places)
  return new Map(
    found.map(({ root, nids: [setting, member] }) => {
      const memberEvent = member === undefined ? undefined : state.get(member)?.event
      return [
        root,
        {
          visibility: historyVisibilityIn(setting === undefined ? undefined : state.get(setting)?.event),
          membership: memberEvent && membershipIn(memberEvent),
        },
      ]
    }),
  )
}

/** Where in the history of rooms a user's newest join stands. */
async function readLastJoins(
  { queries, interner, events: store }: ReadServices,
  userId: string,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, number>> {
  const lastJoins = new Map<RoomNid, number>()
  if (roomNids.length === 0) return lastJoins
  const [typeNid, stateKeyNid] = await Promise.all([
    interner.typeNid('m.room.member'),
    interner.stateKeyNid(userId),
  ])
  const places = await eventsOfPlace(
    queries,
    roomNids.map((roomNid) => ({ roomNid, typeNid, stateKeyNid })),
  )
  for (const { roomNid, event, historyPos } of (await store.byPlaces(places)).values()) {
    if (historyPos === undefined || membershipIn(event) !== 'join') continue
    lastJoins.set(roomNid, Math.max(historyPos, lastJoins.get(roomNid) ?? historyPos))
  }
  return lastJoins
}
