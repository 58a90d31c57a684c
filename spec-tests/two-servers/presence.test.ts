import { expect, it } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

/** Two processes start, and the machine may be busy. */
const TIME_LIMIT_MS = 120_000

it(
  'presence reaches the members of the same room on another server, where that is switched on',
  { timeout: TIME_LIMIT_MS },
  async () => {
    const pair = await startRegionPair({}, { presence: { enabled: true, federation: true } })
    const [alice, bob] = [new TestClient(pair.north.url), new TestClient(pair.south.url)]
    await alice.register('alice')
    await bob.register('bob')
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId, ['north.test'])
    let since = String((await bob.sync({ set_presence: 'offline' }))['next_batch'])
    const heard = async (presence: string): Promise<Json> => {
      for (;;) {
        const answer = await bob.sync({ since, timeout: '20000', set_presence: 'offline' })
        since = String(answer['next_batch'])
        const { events } = (answer['presence'] ?? { events: [] }) as { events: Json[] }
        const content = events.findLast(({ sender }) => sender === alice.userId)?.['content'] as
          Json | undefined
        if (content?.['presence'] === presence) return content
      }
    }
    const path = `/presence/${encodeURIComponent(alice.userId)}/status`
    await pair.withLogs(async () => {
      await alice.call('PUT', path, { presence: 'online', status_msg: 'far away' })
      expect(await heard('online')).toMatchObject({ status_msg: 'far away', currently_active: true })
      await alice.sync({ set_presence: 'unavailable' })
      expect(await heard('unavailable')).toMatchObject({ status_msg: 'far away' })
      expect(await bob.call('GET', path)).toMatchObject({ presence: 'unavailable' })
    })
  },
)
