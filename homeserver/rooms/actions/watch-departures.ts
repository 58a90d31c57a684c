import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import { forgetRoom } from '../../../storage/rooms/membership-reader.ts'
import { membershipIn } from '../membership-in.ts'
import type { RoomActions } from './room-actions.ts'

/**
 * Where that is configured, has users forget the rooms that they were put out of, as they do those that they leave
 * (client-server API, `m.forget_forced_upon_leave`).
 */
export function watchDepartures(actions: RoomActions, onError: (error: unknown) => void): void {
  if (!actions.config.forgetOnLeave) return
  const { committer, interner, queries, serverName } = actions.services
  const forget = async (userId: string, roomId: string): Promise<void> => {
    const [userNid, roomNid] = [await interner.findUserNid(userId), await interner.findRoomNid(roomId)]
    if (userNid !== undefined && roomNid !== undefined) await forgetRoom(queries, userNid, roomNid)
  }
  committer.onCommit((writes) => {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      const event = write?.row.event
      if (!write || event?.type !== 'm.room.member' || event.stateKey === undefined) continue
      if (write.stateChanges.length === 0 || serverOf(event.stateKey) !== serverName) continue
      const membership = membershipIn(event)
      if (membership === 'leave' || membership === 'ban') forget(event.stateKey, event.roomId).catch(onError)
    }
  })
}
