import { expect, test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

const TYPE = 'org.example.presence'

test('a delayed event outlives SIGKILL, is sent once, and reaches the other server', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const alice = new TestClient(pair.north.url)
    const bob = new TestClient(pair.south.url)
    await alice.register('alice')
    await bob.register('bob')
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId, [pair.north.serverName])
    const room = `/rooms/${encodeURIComponent(roomId)}`
    for (const [key, delay] of [
      ['under way', 1],
      ['gone', 700],
      ['later', 3_600_000],
    ] as const) {
      await alice.call(
        'PUT',
        `${room}/state/${TYPE}/${encodeURIComponent(key)}?org.matrix.msc4140.delay=${delay}`,
        { key },
      )
      await alice.call(
        'PUT',
        `${room}/send/${TYPE}/${encodeURIComponent(key)}?org.matrix.msc4140.delay=${delay}`,
        { key },
      )
    }
    await pair.north.kill9()
    await pair.north.start()
    const seen = async (client: TestClient): Promise<unknown[]> => {
      const filter = encodeURIComponent(JSON.stringify({ types: [TYPE] }))
      const { chunk } = await client.call('GET', `${room}/messages?dir=b&limit=20&filter=${filter}`)
      return (chunk as readonly Json[])
        .map(({ state_key: key, content }) => `${String(key)}: ${String((content as Json)['key'])}`)
        .toSorted()
    }
    const sent = ['gone: gone', 'undefined: gone', 'undefined: under way', 'under way: under way']
    // The job of a process that died while it was sending is taken over after a minute.
    await expect.poll(() => seen(bob), { timeout: 90_000, interval: 500 }).toEqual(sent)
    expect(await seen(alice)).toEqual(sent)
    const { body } = await alice.request('GET', '/_matrix/client/unstable/org.matrix.msc4140/delayed_events')
    expect((body['delayed_events'] as readonly Json[]).map(({ content }) => content)).toEqual([
      { key: 'later' },
      { key: 'later' },
    ])
  })
}, 180_000)
