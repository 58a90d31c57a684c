import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import type { JobRequest } from '../../../storage/jobs/job.ts'
import { scheduleJob } from '../../../storage/jobs/schedule-job.ts'
import type { RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import { saveCursor } from '../../../storage/position/stream-cursor.ts'
import { forgetRooms, joinedPlaces, type UserInRoom } from '../../../storage/rooms/users-in-rooms.ts'
import { changedPlaces, type ChangedPlace } from '../../../storage/user-directory/changed-places.ts'
import { membershipIn } from '../membership-in.ts'
import type { RoomActions } from '../actions/room-actions.ts'
import { guestsToDismiss } from './dismiss-guests.ts'
import { settingsToFollow } from './follow-upgrade.ts'
import type { RoomTies } from './room-ties.ts'

/** Names the stored cursor. */
export const FOLLOWER = 'rooms.consequences'
/** Changes of one step, but for a room that is joined with all its members at once. */
const STEP_CHANGES = 1_000

const MEMBER = 'm.room.member'
const GUEST_ACCESS = 'm.room.guest_access'
const TOMBSTONE = 'm.room.tombstone'

/** Told of users of ours who have come into rooms; maybe more than once. */
export type CameIn = (arrivals: readonly UserInRoom[]) => Promise<void>

/** What the changes are followed with. */
export interface ChangeFollower {
  readonly actions: RoomActions
  readonly ties: RoomTies
  readonly cameIn: CameIn
}

interface LocalMember extends UserInRoom {
  readonly change: ChangedPlace
}

/**
 * Finds what the changes in a part of the stream entail, and stores it as jobs together with the cursor.
 *
 * @returns how far it came, and whether there are new jobs.
 */
export async function followChanges(
  { actions, ties, cameIn }: ChangeFollower,
  after: StreamPosition,
  until: StreamPosition,
): Promise<{ readonly end: StreamPosition; readonly scheduled: boolean }> {
  const { queries, interner } = actions.services
  const types = await interner.typeNids([MEMBER, GUEST_ACCESS, TOMBSTONE])
  const noKey = await interner.stateKeyNid('')
  const range = { after, until, limit: STEP_CHANGES }
  const { changes, end } = await changedPlaces(queries, [...types.values()], range)
  const roomsOf = (type: string): RoomNid[] => [
    ...new Set(
      changes
        .filter(({ typeNid, stateKeyNid }) => typeNid === types.get(type) && stateKeyNid === noKey)
        .map(({ roomNid }) => roomNid),
    ),
  ]
  const members = await localMembers(
    actions,
    changes.filter(({ typeNid }) => typeNid === types.get(MEMBER)),
  )
  const come = await joinedPlaces(queries, await withoutMembersBefore(actions, members))
  const jobs = [
    ...(await dismissals(actions, roomsOf(GUEST_ACCESS))),
    ...(await closings(ties, roomsOf(TOMBSTONE))),
    ...(await arrivals(actions, ties, come)),
  ]
  if (come.length > 0) await cameIn(come)
  await queries.transaction().execute(async (transaction) => {
    if (actions.config.forgetOnLeave && members.length > 0) await forgetRooms(transaction, members)
    for (const job of jobs) await scheduleJob(transaction, job)
    await saveCursor(transaction, FOLLOWER, end)
  })
  return { end, scheduled: jobs.length > 0 }
}

async function localMembers(
  { services: { interner, serverName } }: RoomActions,
  changes: readonly ChangedPlace[],
): Promise<LocalMember[]> {
  const userIds = await interner.stateKeys(changes.map(({ stateKeyNid }) => stateKeyNid))
  const local = [...userIds.values()].filter((id) => id.includes(':') && serverOf(id) === serverName)
  const nids: ReadonlyMap<string, UserNid> = await interner.findUserNids(local)
  return changes.flatMap((change) => {
    const userNid = nids.get(userIds.get(change.stateKeyNid) ?? '')
    return userNid === undefined ? [] : [{ userNid, roomNid: change.roomNid, change }]
  })
}

async function dismissals(
  { services: { interner } }: RoomActions,
  rooms: readonly RoomNid[],
): Promise<JobRequest[]> {
  return Array.from(await interner.roomIds(rooms), ([roomNid, roomId]) => guestsToDismiss(roomNid, roomId))
}

async function closings(ties: RoomTies, rooms: readonly RoomNid[]): Promise<JobRequest[]> {
  const successors = await Promise.all(rooms.map((roomNid) => ties.successorOf(roomNid)))
  return successors.flatMap((roomId) => (roomId === undefined ? [] : [settingsToFollow(roomId)]))
}

/** Who has come into a room that says it replaces another; whether it does, the job finds. */
async function arrivals(
  actions: RoomActions,
  ties: RoomTies,
  come: readonly UserInRoom[],
): Promise<JobRequest[]> {
  const byRoom = Map.groupBy(come, ({ roomNid }) => roomNid)
  for (const roomNid of byRoom.keys()) {
    if ((await ties.predecessorOf(roomNid)) === undefined) byRoom.delete(roomNid)
  }
  const roomIds = await actions.services.interner.roomIds(byRoom.keys())
  return Array.from(byRoom, ([roomNid, places]) => {
    const users = places.map(({ userNid }) => userNid)
    return settingsToFollow(roomIds.get(roomNid)!, users)
  })
}

/** Without those who were in the room before their event: they have changed their name there. */
async function withoutMembersBefore(
  { services: { events } }: RoomActions,
  members: readonly LocalMember[],
): Promise<LocalMember[]> {
  const before = members.flatMap(({ change: { roomNid, previousNid } }) =>
    previousNid === null ? [] : [{ roomNid, eventNid: previousNid }],
  )
  const stored = await events.byPlaces(before)
  return members.filter(({ change: { previousNid } }) => {
    const previous = previousNid === null ? undefined : stored.get(previousNid)
    return !previous || membershipIn(previous.event) !== 'join'
  })
}
