import type { Json, TestClient } from '../support/test-client.ts'
import { syncUntil } from './sync-until.ts'

/** Invites, and waits until the invited user is told. @returns the stripped state that comes with it. */
export async function invite(
  inviter: TestClient,
  roomId: string,
  invited: TestClient,
): Promise<readonly Json[]> {
  await inviter.call('POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: invited.userId })
  return syncUntil(
    `the invite of ${invited.userId}`,
    invited,
    (rooms) => rooms.invite?.[roomId]?.invite_state.events,
  )
}
