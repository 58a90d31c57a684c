import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient } from '../support/test-client.ts'

/** More than one page of history, so that the way to the date takes several. */
const LATER_MESSAGES = 130

test('a date before one joined is found through another server, and paged from', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const [alice, bob] = [new TestClient(pair.north.url), new TestClient(pair.south.url)]
    await Promise.all([alice.register('alice'), bob.register('bob')])
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    const early = await alice.say(roomId, 'early')
    await delay(3)
    const ts = Date.now()
    await delay(3)
    const next = await alice.say(roomId, 'next')
    for (let index = 1; index < LATER_MESSAGES; index++) await alice.say(roomId, `later ${index}`)
    await bob.call('POST', `/join/${encodeURIComponent(roomId)}?via=north.test`, {})

    const room = encodeURIComponent(roomId)
    const jump = async (dir: string): Promise<unknown> => {
      const path = `/_matrix/client/v1/rooms/${room}/timestamp_to_event?ts=${ts}&dir=${dir}`
      return (await bob.request('GET', path)).body['event_id']
    }
    expect(await jump('b')).toBe(early)
    expect(await jump('f')).toBe(next)
    const around = await bob.call('GET', `/rooms/${room}/context/${encodeURIComponent(early)}?limit=4`)
    expect(around['events_after']).toEqual(
      expect.arrayContaining([expect.objectContaining({ event_id: next })]),
    )
  })
}, 60_000)
