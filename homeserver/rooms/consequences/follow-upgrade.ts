import type { JobRequest } from '../../../storage/jobs/job.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import { joinedUsersOfServer } from '../../../storage/rooms/membership-reader.ts'
import type { JobRunner } from '../../jobs/job-runner.ts'
import type { RoomActions } from '../actions/room-actions.ts'
import { readRoomId, readUsers } from './read-payload.ts'
import type { RoomTies } from './room-ties.ts'

const KIND = 'rooms.follow-upgrade'
/** Local members of a new room whose settings are copied when the old room is closed after they came. */
const MAX_USERS = 10_000

/**
 * Has the settings of local users follow them into a room that replaces another.
 *
 * @param users who has just come; undefined for all who are there already.
 */
export function settingsToFollow(newRoomId: string, users?: readonly UserNid[]): JobRequest {
  const payload = { roomId: newRoomId, ...(users && { users }) }
  return { kind: KIND, payload, runAt: Date.now() }
}

/** Declares the job, which tells `actions.moved`. */
export function registerFollowing(jobs: JobRunner, actions: RoomActions, ties: RoomTies): void {
  const { interner, queries, serverName } = actions.services
  jobs.register({
    kind: KIND,
    read: (payload) => ({ newRoomId: readRoomId(payload), users: readUsers(payload) }),
    handle: async ({ newRoomId, users: named }) => {
      const newNid = await interner.findRoomNid(newRoomId)
      const oldRoomId = newNid === undefined ? undefined : await ties.replacedBy(newNid, newRoomId)
      if (newNid === undefined || oldRoomId === undefined) return
      const serverNid = await interner.serverNid(serverName)
      const users = named ?? (await joinedUsersOfServer(queries, newNid, serverNid, MAX_USERS))
      if (users.length === 0) return
      for (const listener of actions.moved) await listener.usersFollowed?.({ oldRoomId, newRoomId }, users)
    },
  })
}
