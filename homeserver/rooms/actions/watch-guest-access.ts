import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../../protocol/json/value.ts'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { joinedGuests } from '../../../storage/rooms/joined-guests.ts'
import type { RoomActions } from './room-actions.ts'
import { submitDraft } from './submit-draft.ts'

/** Each leaves by an event of their own; more are told in the next round. */
const GUESTS_AT_ONCE = 100

/**
 * Has this server's guests leave a room that takes no guests any more, whoever decided that (client-server API,
 * "Guest Access").
 */
export function watchGuestAccess(actions: RoomActions, onError: (error: unknown) => void): void {
  actions.services.committer.onCommit((writes) => {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      const event = write?.row.event
      if (!write || event?.type !== 'm.room.guest_access' || event.stateKey !== '') continue
      const stands = write.stateChanges.some(({ eventNid }) => eventNid === write.row.eventNid)
      if (!stands || ownValue(event.content, 'guest_access') === 'can_join') continue
      leaveAll(actions, write.roomNid, event.roomId).catch(onError)
    }
  })
}

async function leaveAll(actions: RoomActions, roomNid: RoomNid, roomId: string): Promise<void> {
  const { queries, interner } = actions.services
  const tried = new Set<string>()
  for (;;) {
    const guests = await interner.userIds(await joinedGuests(queries, roomNid, GUESTS_AT_ONCE + tried.size))
    const left = [...guests.values()].filter((userId) => !tried.has(userId))
    if (left.length === 0) return
    for (const userId of left) {
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
