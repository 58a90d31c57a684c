import { eventually } from '../support/eventually.ts'
import type { Json, TestClient } from '../support/test-client.ts'
import type { Visit } from './visit.ts'

/** Longer than the test waits for it. */
const TYPING_MS = 60_000

async function ephemeralOf(user: TestClient, roomId: string, type: string): Promise<Json | undefined> {
  const { rooms } = (await user.sync({ timeout: '0' })) as {
    rooms?: { join?: Record<string, { ephemeral: { events: readonly { type: string; content: Json }[] } }> }
  }
  return rooms?.join?.[roomId]?.ephemeral.events.find((event) => event.type === type)?.content
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
    await eventually(`${observer.userId} sees ${user.userId} type`, async () => {
      const content = await ephemeralOf(observer, roomId, 'm.typing')
      return (content?.['user_ids'] as readonly string[] | undefined)?.includes(user.userId)
    })
    await eventually(`${observer.userId} sees ${user.userId} read`, async () => {
      const content = await ephemeralOf(observer, roomId, 'm.receipt')
      const read = content?.[last] as { 'm.read'?: Json } | undefined
      return read?.['m.read']?.[user.userId] !== undefined
    })
    await user.call('PUT', typing, { typing: false })
  }
}
