import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { TestClient } from '../../support/test-client.ts'

const PAUSE_MS = 50
/** On a machine that is busy with tests; a server that is held up takes minutes, or for ever. */
const PATIENCE_MS = 10_000

/**
 * Does `work` while a local user talks in a room of theirs, and expects that every message is taken, shown and
 * answered in time.
 */
export async function servedMeanwhile<Result>(
  user: TestClient,
  roomId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  let over = false
  const talk = async (): Promise<number[]> => {
    const times: number[] = []
    const { next_batch: start } = await user.sync({ timeout: '0' })
    let since = String(start)
    while (!over || times.length < 3) {
      const begun = performance.now()
      const eventId = await user.say(roomId, `still here ${times.length}`)
      const synced = await user.sync({ since, timeout: '5000' })
      since = String(synced['next_batch'])
      expect(JSON.stringify(synced)).toContain(eventId)
      times.push(performance.now() - begun)
      await sleep(PAUSE_MS)
    }
    return times
  }
  const talking = talk()
  try {
    return await work()
  } finally {
    over = true
    expect(Math.max(...(await talking))).toBeLessThan(PATIENCE_MS)
  }
}
