import type { JobPayload } from '../../../storage/jobs/job.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'

/** The room that a job is about. @throws TypeError for a payload of another form. */
export function readRoomId(payload: JobPayload): string {
  if (typeof payload !== 'object' || payload === null || !('roomId' in payload))
    throw new TypeError('no room')
  if (typeof payload.roomId !== 'string') throw new TypeError('no room id')
  return payload.roomId
}

/** The users that a job is about, undefined for all who are concerned. */
export function readUsers(payload: JobPayload): readonly UserNid[] | undefined {
  if (typeof payload !== 'object' || payload === null || !('users' in payload)) return undefined
  return Array.isArray(payload.users) ? (payload.users as readonly UserNid[]) : undefined
}
