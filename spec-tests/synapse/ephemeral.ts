import type { Json } from '../support/test-client.ts'
import { syncUntil, type SyncedRooms } from './sync-until.ts'
import type { Visit } from './visit.ts'

/** Longer than the test waits for it. */
const TYPING_MS = 120_000

function ephemeralOf(rooms: SyncedRooms, roomId: string, type: string): Json {
  const found = rooms.join?.[roomId]?.ephemeral.events.find((event) => event['type'] === type)
  return (found?.['content'] ?? {}) as Json
}

/** Users of both sides type and read, and are seen to. */
export async function typeAndRead({ company, roomId, sent }: Visit): Promise<void> {
  const { hanna, gina } = company
  const last = sent.at(-1)!
  const room = `/rooms/${encodeURIComponent(roomId)}`
  for (const [user, observer] of [
    [hanna, gina],
    [gina, hanna],
  ] as const) {
    const typing = `${room}/typing/${encodeURIComponent(user.userId)}`
    await user.call('PUT', typing, { typing: true, timeout: TYPING_MS })
    await user.call('POST', `${room}/receipt/m.read/${encodeURIComponent(last)}`, {})
    await syncUntil(`${observer.userId} sees ${user.userId} type`, observer, (rooms) => {
      const { user_ids: users } = ephemeralOf(rooms, roomId, 'm.typing')
      return Array.isArray(users) && users.includes(user.userId)
    })
    await syncUntil(`${observer.userId} sees ${user.userId} read`, observer, (rooms) => {
      const read = ephemeralOf(rooms, roomId, 'm.receipt')[last] as { 'm.read'?: Json } | undefined
      return read?.['m.read']?.[user.userId] !== undefined
    })
    await user.call('PUT', typing, { typing: false })
  }
}
