import type { RoomSummary } from './room-summary.ts'

/** How long the texts of a summary are altogether, in UTF-16 units: those of other servers may be very long. */
export function summaryLength({ name, topic, avatarUrl, allowedRoomIds }: RoomSummary): number {
  const texts = [name, topic, avatarUrl, ...allowedRoomIds]
  return texts.reduce((length, text) => length + (text?.length ?? 0), 0)
}
