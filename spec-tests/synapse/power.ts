import type { Json, TestClient } from '../support/test-client.ts'

/** Gives a user a power level, and leaves the rest as it is. @returns the event's id. */
export async function setPower(
  setter: TestClient,
  roomId: string,
  user: TestClient,
  level: number,
): Promise<string> {
  const path = `/rooms/${encodeURIComponent(roomId)}/state/m.room.power_levels/`
  const content = await setter.call('GET', path)
  const users = { ...(content['users'] as Json), [user.userId]: level }
  return setter.setState(roomId, 'm.room.power_levels', { ...content, users })
}
