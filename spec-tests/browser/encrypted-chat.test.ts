import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'
import { startChromium, withoutChromium } from './chromium.ts'
import { serveChat, type ServedPage } from './encrypted-chat/serve-chat.ts'
import { Visitor } from './visitor.ts'

const ENCRYPTION = {
  type: 'm.room.encryption',
  state_key: '',
  content: { algorithm: 'm.megolm.v1.aes-sha2' },
}

describe.skipIf(withoutChromium())('encryption in a browser', () => {
  let browser: Browser
  let page: ServedPage
  beforeAll(async () => {
    page = await serveChat()
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await page?.close()
  })

  async function enter(user: TestClient, roomId: string): Promise<Visitor> {
    const { url, userId, deviceId, token } = user
    const session = encodeURIComponent(JSON.stringify({ url, userId, deviceId, token, roomId }))
    const visitor = await Visitor.arrive(browser)
    await visitor.page.goto(`${page.url}#${session}`)
    await visitor.sees('Encrypted chat')
    return visitor
  }

  async function reads(visitor: Visitor, messages: readonly string[]): Promise<void> {
    const shown = () => visitor.page.getByRole('listitem').allTextContents()
    await expect.poll(shown, { timeout: 30_000 }).toEqual(messages)
  }

  test('users of two servers read each other, and still do after a reload of the page', async () => {
    await using pair = await startRegionPair()
    await pair.withLogs(async () => {
      const [alice, bob] = [new TestClient(pair.north.url), new TestClient(pair.south.url)]
      await alice.register('alice')
      await bob.register('bob')
      const roomId = await alice.createRoom({ initial_state: [ENCRYPTION], preset: 'public_chat' })
      await bob.join(roomId, ['north.test'])
      const [atAlice, atBob] = [await enter(alice, roomId), await enter(bob, roomId)]
      await eventually('the keys of bob at the north', async () => {
        const { device_keys: keys } = await alice.call('POST', '/keys/query', {
          device_keys: { [bob.userId]: [] },
        })
        return bob.deviceId in ((keys as Record<string, Json>)[bob.userId] ?? {})
      })

      await atAlice.types('is anybody there?')
      await reads(atBob, ['is anybody there?'])
      await atBob.types('only you can read that I am')
      const both = ['is anybody there?', 'only you can read that I am']
      await reads(atAlice, both)

      for (const visitor of [atBob, atAlice]) {
        await visitor.page.reload()
        await visitor.sees('Encrypted chat')
        await reads(visitor, both)
      }
      await atAlice.types('after the reload')
      await reads(atBob, [...both, 'after the reload'])
      expect([...atAlice.complaints, ...atBob.complaints]).toEqual([])

      const { chunk } = await bob.call('GET', `/rooms/${roomId}/messages?dir=b&limit=3`)
      expect((chunk as Json[]).map(({ type }) => type)).toEqual(Array(3).fill('m.room.encrypted'))
    })
  }, 180_000)
})
