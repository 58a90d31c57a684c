import type { Outbound } from '../../federation/outbound/outbound.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { receiptOf } from '../../storage/rooms/receipt-write.ts'
import type { EphemeralBus } from '../ephemeral/ephemeral-bus.ts'
import type { RoomServices } from '../rooms/room-services.ts'

/** The bus as clients see it: what our users type is told to other servers as well. */
export function relayedTyping(
  bus: EphemeralBus,
  outbound: Outbound,
  onError: (error: unknown) => void,
): EphemeralBus {
  return {
    epoch: bus.epoch,
    get version() {
      return bus.version
    },
    get lastChange() {
      return bus.lastChange
    },
    typingIn: (roomId) => bus.typingIn(roomId),
    versionOf: (roomId) => bus.versionOf(roomId),
    onChange: (listener) => bus.onChange(listener),
    setTyping: (roomId, userId, timeoutMs) => {
      bus.setTyping(roomId, userId, timeoutMs)
      outbound.sendTyping(roomId, userId, timeoutMs !== undefined).catch(onError)
    },
  }
}

/** Tells other servers of every public receipt that one of our users has given, after its commit. */
export function relayReceipts(
  services: RoomServices,
  outbound: Outbound,
  onError: (error: unknown) => void,
): void {
  const { committer, interner, serverName } = services
  committer.onCommit((writes) => {
    for (const write of writes) {
      const receipt = receiptOf(write)
      if (receipt?.type !== 'm.read') continue
      const roomId = interner.peekRoomId(receipt.roomNid)
      const userId = interner.peekUserId(receipt.userNid)
      if (roomId === undefined || userId === undefined || serverOf(userId) !== serverName) continue
      const { eventId, ts, thread } = receipt
      const threadId = thread === '' ? undefined : thread
      outbound.sendReceipt({ roomId, userId, eventId, ts, threadId }).catch(onError)
    }
  })
}
