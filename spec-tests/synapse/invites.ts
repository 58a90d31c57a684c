import { eventually } from '../support/eventually.ts'
import type { Json, TestClient } from '../support/test-client.ts'

/** Invites, and waits until the invited user is told. @returns the stripped state that comes with it. */
export async function invite(
  inviter: TestClient,
  roomId: string,
  invited: TestClient,
): Promise<readonly Json[]> {
  await inviter.call('POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: invited.userId })
  return eventually(`the invite of ${invited.userId}`, async () => {
    const { rooms } = (await invited.sync({ timeout: '0' })) as {
      rooms?: { invite?: Record<string, { invite_state: { events: readonly Json[] } }> }
    }
    return rooms?.invite?.[roomId]?.invite_state.events
  })
}
