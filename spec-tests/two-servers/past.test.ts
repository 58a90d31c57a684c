import { expect, test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

const MESSAGES = 25
/** Smaller than what is there, so that several pages each meet the end of what has been fetched. */
const PAGE = 4

test('who joins from elsewhere pages from their first sync back to the beginning of the room', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const [alice, bob] = [new TestClient(pair.north.url), new TestClient(pair.south.url)]
    await Promise.all([alice.register('alice'), bob.register('bob')])
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    const said = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`)
    for (const body of said) await alice.say(roomId, body)
    await bob.call('POST', `/join/${encodeURIComponent(roomId)}?via=north.test`, {})

    const { rooms } = (await bob.call('GET', '/sync')) as {
      rooms: { join: Record<string, { timeline: { prev_batch: string } }> }
    }
    const read: unknown[] = []
    for (let from: unknown = rooms.join[roomId]!.timeline.prev_batch; from !== undefined;) {
      const query = new URLSearchParams({ dir: 'b', limit: String(PAGE), from: String(from) })
      const page = await bob.call('GET', `/rooms/${encodeURIComponent(roomId)}/messages?${query}`)
      const messages = (page['chunk'] as Json[]).filter((event) => event['type'] === 'm.room.message')
      read.push(...messages.map((event) => (event['content'] as Json)['body']))
      from = page['end']
    }
    expect(read).toEqual(said.toReversed())
  })
}, 60_000)
