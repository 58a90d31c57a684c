import type { ChosenRoom } from '../choose-rooms.ts'
import type { ExtensionScope } from '../sliding-request.ts'

/** Whether an extension is to speak of a room (MSC3959 to MSC3961, `lists` and `rooms`). */
export function isInScope(scope: ExtensionScope, { lists, subscribed }: ChosenRoom, roomId: string): boolean {
  const asRoom = subscribed && (scope.rooms.includes('*') || scope.rooms.includes(roomId))
  if (asRoom) return true
  return lists.length > 0 && (scope.lists.includes('*') || lists.some((list) => scope.lists.includes(list)))
}
