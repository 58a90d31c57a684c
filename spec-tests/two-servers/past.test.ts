import { expect, test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

const MESSAGES = 25
/** Smaller than what is there, so that several pages each meet the end of what has been fetched. */
const PAGE = 4

interface Rooms {
  readonly join: Record<string, { timeline: { prev_batch: string } }>
}

/** All messages before a user's newest timeline, newest first. */
async function pageBack(user: TestClient, roomId: string): Promise<unknown[]> {
  const { rooms } = (await user.call('GET', '/sync')) as { rooms: Rooms }
  const read: unknown[] = []
  for (let from: unknown = rooms.join[roomId]!.timeline.prev_batch; from !== undefined;) {
    const query = new URLSearchParams({ dir: 'b', limit: String(PAGE), from: String(from) })
    const page = await user.call('GET', `/rooms/${encodeURIComponent(roomId)}/messages?${query}`)
    const messages = (page['chunk'] as Json[]).filter((event) => event['type'] === 'm.room.message')
    read.push(...messages.map((event) => (event['content'] as Json)['body']))
    from = page['end']
  }
  return read
}

test('who joins from elsewhere, and who comes back, pages to the beginning of the room', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const [alice, bob] = [new TestClient(pair.north.url), new TestClient(pair.south.url)]
    await Promise.all([alice.register('alice'), bob.register('bob')])
    const said = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`)
    const meanwhile = Array.from({ length: MESSAGES }, (_, index) => `meanwhile ${index}`)
    for (const looksBack of [true, false]) {
      const roomId = await alice.createRoom({ preset: 'public_chat' })
      for (const body of said) await alice.say(roomId, body)
      await bob.call('POST', `/join/${encodeURIComponent(roomId)}?via=north.test`, {})
      if (looksBack) expect(await pageBack(bob, roomId)).toEqual(said.toReversed())

      await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
      for (const body of meanwhile) await alice.say(roomId, body)
      await bob.call('POST', `/join/${encodeURIComponent(roomId)}?via=north.test`, {})
      expect(await pageBack(bob, roomId)).toEqual([...said, ...meanwhile].toReversed())
    }
  })
}, 60_000)
