import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bucketServer, type BucketServer } from '../../spec-tests/support/bucket-server.ts'
import { MediaClient } from '../../spec-tests/support/media-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { picture } from './images.fixture.ts'

let directory: string
let bucket: BucketServer
let server: TestServer
let alice: MediaClient

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meridian-bucket-'))
  bucket = await bucketServer(directory)
  await bucket.start()
  server = await startTestServer({ config: { media_storage_providers: [bucket.provider] } })
  alice = await MediaClient.register(server.url, 'alice')
})
afterAll(async () => {
  await server.close()
  await bucket.stop()
  await rm(directory, { recursive: true })
})

async function filesOnDisk(): Promise<string[]> {
  const entries = await readdir(server.mediaDirectory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

test('media of several parts lies in the bucket alone, and comes back whole and in ranges', async () => {
  const bytes = randomBytes(12_345_678)
  const media = await alice.upload(bytes, { type: 'application/zip' })
  expect(await filesOnDisk()).toEqual([])
  const whole = await alice.download(media)
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
  const part = await alice.download(media, { range: 'bytes=12345670-' })
  expect(part.headers.get('content-range')).toBe('bytes 12345670-12345677/12345678')
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(12_345_670))).toBe(true)
  const empty = await alice.upload(new Uint8Array())
  expect((await (await alice.download(empty)).arrayBuffer()).byteLength).toBe(0)
})

test('thumbnails lie there too', async () => {
  const media = await alice.upload(await picture(640, 640).png().toBuffer(), { type: 'image/png' })
  const answers = [1, 2].map(() => alice.thumbnail(media, { width: '32', height: '32', method: 'crop' }))
  for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200)
})

test('while the bucket is away nothing is acknowledged, and afterwards all is as before', async () => {
  const before = await alice.upload('before')
  const reserved = await alice.create()
  await bucket.stop()
  expect((await alice.download(before)).status).toBe(500)
  expect((await alice.transfer('POST', '/_matrix/media/v3/upload', 'lost')).status).toBe(500)
  expect((await alice.uploadTo(reserved, 'lost')).status).toBe(500)
  expect((await alice.download(`${reserved}?timeout_ms=0`)).status).toBe(504)
  await bucket.start()
  expect((await alice.uploadTo(reserved, 'kept')).status).toBe(200)
  expect(await (await alice.download(reserved)).text()).toBe('kept')
  expect(await (await alice.download(before)).text()).toBe('before')
})
