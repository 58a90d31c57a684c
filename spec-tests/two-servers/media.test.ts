import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { MediaClient } from '../support/media-client.ts'
import { startRegionPair } from '../support/region-pair.ts'

describe('media of another server', () => {
  test('is fetched once, with its name, and not by strangers', async () => {
    await using pair = await startRegionPair({}, { media_retention: { remote_media_lifetime: '30d' } })
    await pair.withLogs(async () => {
      const alice = await MediaClient.register(pair.north.url, 'alice')
      const bob = await MediaClient.register(pair.south.url, 'bob')
      const bytes = randomBytes(3 * 1024 * 1024)
      const media = await alice.upload(bytes, { type: 'application/pdf', name: '☕ and "more".pdf' })
      expect(media).toMatch(/^north\.test\//)

      const answers = await Promise.all(Array.from({ length: 8 }, () => bob.download(media)))
      for (const answer of answers) {
        expect(answer.status).toBe(200)
        expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
        expect(answer.headers.get('content-type')).toBe('application/pdf')
        expect(answer.headers.get('content-disposition')).toBe(
          "attachment; filename*=UTF-8''%E2%98%95%20and%20%22more%22.pdf",
        )
      }
      expect(await blobsBelow(pair.south.mediaDirectory)).toHaveLength(1)

      pair.cut()
      expect((await bob.download(media, { range: 'bytes=0-9' })).status).toBe(206)
      const unseen = await alice.upload('never fetched')
      expect((await bob.download(unseen)).status).toBe(502)
      pair.heal()
      bob.token = undefined
      expect((await bob.download(media)).status).toBe(401)
      expect((await bob.downloadOld(media)).status).toBe(404)
      expect((await bob.downloadOld(unseen)).status).toBe(404)
    })
  })

  test('comes late, or not, as at home', async () => {
    await using pair = await startRegionPair()
    await pair.withLogs(async () => {
      const alice = await MediaClient.register(pair.north.url, 'alice')
      const bob = await MediaClient.register(pair.south.url, 'bob')
      const media = await alice.create()
      const early = await bob.download(`${media}?timeout_ms=200`)
      expect([early.status, await early.json()]).toMatchObject([504, { errcode: 'M_NOT_YET_UPLOADED' }])
      const waiting = bob.download(`${media}?timeout_ms=20000`)
      await alice.uploadTo(media, 'late')
      expect(await (await waiting).text()).toBe('late')
      expect((await bob.download('north.test/unknown')).status).toBe(404)
    })
  })

  test('is found by the old endpoint, while that is open, and not fetched without measure', async () => {
    await using pair = await startRegionPair(
      {},
      {
        enable_authenticated_media: false,
        remote_media_download_per_second: 1,
        remote_media_download_burst_count: 1_000,
      },
    )
    await pair.withLogs(async () => {
      const alice = await MediaClient.register(pair.north.url, 'alice')
      const anybody = new MediaClient(pair.south.url)
      const media = await alice.upload('text')
      expect((await anybody.downloadOld(`${media}?allow_remote=false`)).status).toBe(404)
      const answer = await anybody.downloadOld(media)
      expect([answer.status, await answer.text()]).toEqual([200, 'text'])
      expect(answer.headers.get('cache-control')).toBe('public, immutable, max-age=86400')
      expect((await anybody.downloadOld(`${media}?allow_remote=false`)).status).toBe(200)

      const [large, small] = [await alice.upload(randomBytes(5_000)), await alice.upload('small')]
      expect((await anybody.downloadOld(large)).status).toBe(200)
      const refused = await anybody.downloadOld(small)
      expect([refused.status, await refused.json()]).toMatchObject([429, { errcode: 'M_LIMIT_EXCEEDED' }])
      expect((await anybody.downloadOld(large)).status).toBe(200)
      expect((await alice.downloadOld(small)).status).toBe(200)
    })
  })
})

async function blobsBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}
