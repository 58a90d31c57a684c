import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Staging } from '../../storage/media/blobs/staging.ts'
import { eventually } from '../support/eventually.ts'
import { MediaClient } from '../support/media-client.ts'
import { startRegionPair } from '../support/region-pair.ts'

const PIECE = Buffer.alloc(256 * 1024, 'x')

test('an upload that SIGKILL ends is not there, may be made again, and leaves nothing for long', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const { north } = pair
    const alice = await MediaClient.register(north.url, 'alice')
    const whole = await alice.upload('acknowledged')
    const media = await alice.create()
    const upload = request(`${north.url}/_matrix/media/v3/upload/${media}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${alice.token}`, 'transfer-encoding': 'chunked' },
    })
    const broken = new Promise<void>((resolve) => upload.on('error', () => resolve()))
    upload.write(PIECE)
    const incoming = join(north.mediaDirectory, 'incoming')
    await eventually('half an upload', async () => (await readdir(incoming).catch(() => [])).length > 0)
    await north.kill9()
    await broken
    await north.start()

    expect(await (await alice.download(whole)).text()).toBe('acknowledged')
    expect((await alice.download(`${media}?timeout_ms=0`)).status).toBe(504)
    expect((await alice.uploadTo(media, 'again')).status).toBe(200)
    expect(await (await alice.download(media)).text()).toBe('again')
    expect(await readdir(incoming)).toHaveLength(1)
    expect(await new Staging(incoming).sweep(Date.now() + 60_000)).toBe(1)
    expect(await readdir(incoming)).toEqual([])
    expect(await (await alice.download(media)).text()).toBe('again')
  })
})
