import { expect, it } from 'vitest'
import { numbersOf, sendTo } from '../../client-api/e2ee/to-device/to-device.fixture.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient } from '../support/test-client.ts'

/** Two processes start and start again, and the machine may be busy. */
const TIME_LIMIT_MS = 180_000

it(
  'messages reach devices of another server in order and once, over cuts and kills of both',
  { timeout: TIME_LIMIT_MS },
  async () => {
    const pair = await startRegionPair()
    const [alice, bob] = [new TestClient(pair.north.url), new TestClient(pair.south.url)]
    await alice.register('alice')
    await bob.register('bob')
    let since = String((await bob.sync({ timeout: '0' }))['next_batch'])
    const heard: unknown[] = []
    const hear = async (count: number): Promise<void> => {
      while (heard.length < count) {
        const answer = await bob.sync({ since, timeout: '10000' })
        since = String(answer['next_batch'])
        heard.push(...numbersOf(answer))
      }
    }
    let sent = 0
    const say = async (count: number): Promise<void> => {
      for (let left = count; left > 0; left--) {
        await sendTo(alice, { [bob.userId]: { '*': { n: ++sent } } }, `n${sent}`)
      }
    }
    await pair.withLogs(async () => {
      await say(10)
      await hear(10)
      pair.cut()
      await say(150)
      await pair.north.kill9()
      await pair.north.start()
      pair.heal()
      await hear(160)
      await pair.south.kill9()
      await say(20)
      await sendTo(alice, { [bob.userId]: { '*': { n: sent } } }, `n${sent}`)
      await pair.south.start()
      await hear(180)
      await say(1)
      await hear(181)
      expect(heard).toEqual(Array.from({ length: 181 }, (_, index) => index + 1))
    })
  },
)
