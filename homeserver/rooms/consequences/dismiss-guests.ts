import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../../protocol/json/value.ts'
import type { JobRequest } from '../../../storage/jobs/job.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { joinedGuests } from '../../../storage/rooms/joined-guests.ts'
import type { JobRunner } from '../../jobs/job-runner.ts'
import type { RoomActions } from '../actions/room-actions.ts'
import { submitDraft } from '../actions/submit-draft.ts'
import { readRoomId } from './read-payload.ts'
import { contentOf } from './room-ties.ts'

const KIND = 'rooms.dismiss-guests'
/** Each leaves by an event of their own; more are told in the next round. */
const GUESTS_AT_ONCE = 100

/** Has this server's guests leave a room if it takes none (client-server API, "Guest Access"). */
export function guestsToDismiss(roomNid: RoomNid, roomId: string): JobRequest {
  return { kind: KIND, key: String(roomNid), payload: { roomId }, runAt: Date.now() }
}

/** Declares the job. */
export function registerDismissals(jobs: JobRunner, actions: RoomActions): void {
  jobs.register({
    kind: KIND,
    read: readRoomId,
    handle: async (roomId, { signal }) => {
      const roomNid = await actions.services.interner.findRoomNid(roomId)
      if (roomNid === undefined) return
      const access = await contentOf(actions.services, roomNid, 'm.room.guest_access')
      if (access && ownValue(access, 'guest_access') === 'can_join') return
      await leaveAll(actions, roomNid, roomId, signal)
    },
  })
}

async function leaveAll(
  actions: RoomActions,
  roomNid: RoomNid,
  roomId: string,
  signal: AbortSignal,
): Promise<void> {
  const { queries, interner } = actions.services
  const tried = new Set<string>()
  for (;;) {
    const guests = await interner.userIds(await joinedGuests(queries, roomNid, GUESTS_AT_ONCE + tried.size))
    const left = [...guests.values()].filter((userId) => !tried.has(userId))
    if (left.length === 0) return
    for (const userId of left) {
      signal.throwIfAborted()
      tried.add(userId)
      const content = { membership: 'leave' }
      const draft = { type: 'm.room.member', stateKey: userId, sender: userId, content }
      await submitDraft(actions, roomId, draft).catch((error: unknown) => {
        // Who has gone meanwhile need not leave.
        if (!(error instanceof MatrixError)) throw error
      })
    }
  }
}
