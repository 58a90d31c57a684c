import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { MediaClient } from '../../spec-tests/support/media-client.ts'
import { memoryOf } from '../measure/server-process.ts'

const USAGE = `node bench/media/main.ts --url http://127.0.0.1:8008 --pid N --directory DIR
  registration must be open; DIR is on the file system of the server's media`

const FILE_BYTES = 25_000_000
const AT_ONCE = 50
const ALONE = 5
const IMAGES = 20
const MEGABYTE = 1e6

const { values } = parseArgs({
  options: { url: { type: 'string' }, pid: { type: 'string' }, directory: { type: 'string' } },
})

/** Megabytes a second of `count` files, `width` at a time. */
async function throughput(
  count: number,
  width: number,
  move: (index: number) => Promise<unknown>,
): Promise<string> {
  const started = performance.now()
  for (let first = 0; first < count; first += width) {
    await Promise.all(Array.from({ length: width }, (_, index) => move(first + index)))
  }
  const seconds = (performance.now() - started) / 1_000
  return `${((count * FILE_BYTES) / MEGABYTE / seconds).toFixed(0)} MB/s`
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const handle = await open(path, 'w')
  await handle.writeFile(bytes)
  await handle.sync()
  await handle.close()
  await rm(path)
}

async function drain(answer: Response): Promise<void> {
  if (answer.status !== 200) throw new Error(`a download failed: ${answer.status}`)
  for await (const _ of answer.body!) continue
}

/** Measures uploads, downloads and thumbnails of a running server, and prints them beside the disk's own speed. */
async function measure(url: string, pid: number, directory: string): Promise<void> {
  const users = await Promise.all(
    Array.from({ length: 10 }, (_, index) => MediaClient.register(url, `media-${Date.now()}-${index}`)),
  )
  const user = (index: number): MediaClient => users[index % users.length]!
  const bytes = randomBytes(FILE_BYTES)
  const rows: [string, string][] = []
  const note = async (what: string, value: string): Promise<void> => {
    const memory = await memoryOf(pid)
    rows.push([what, `${value} (RSS ${memory?.rssMb.toFixed(0)} MB, peak ${memory?.peakMb.toFixed(0)} MB)`])
  }
  await note('before', 'idle')
  const disk = (index: number): Promise<void> => writeDurably(join(directory, `bench-${index}`), bytes)
  rows.push(['disk: write and fsync, one at a time', await throughput(ALONE, 1, disk)])
  rows.push(['disk: write and fsync, 50 at once', await throughput(AT_ONCE, AT_ONCE, disk)])
  const media: string[] = []
  const upload = async (index: number): Promise<void> => {
    media.push(await user(index).upload(bytes, { type: 'application/octet-stream' }))
  }
  await note('upload of 25 MB, one at a time', await throughput(ALONE, 1, upload))
  await note('upload of 25 MB, 50 at once', await throughput(AT_ONCE, AT_ONCE, upload))
  const download = async (index: number): Promise<void> => drain(await user(index).download(media[index]!))
  await note('download of 25 MB, one at a time', await throughput(ALONE, 1, download))
  await note('download of 25 MB, 50 at once', await throughput(AT_ONCE, AT_ONCE, download))
  await note('thumbnails', await thumbnails(users[0]!))
  for (const row of rows) console.log(row.join(': '))
}

/** Thumbnails a second of photographs of 12 megapixels, five sizes of each. */
async function thumbnails(client: MediaClient): Promise<string> {
  const noise = randomBytes(500 * 375 * 3)
  const photograph = await sharp(noise, { raw: { width: 500, height: 375, channels: 3 } })
    .resize(4_000, 3_000)
    .jpeg()
    .toBuffer()
  const started = performance.now()
  const wishes = [
    { width: '32', height: '32', method: 'crop' },
    { width: '96', height: '96', method: 'crop' },
    { width: '320', height: '240', method: 'scale' },
    { width: '640', height: '480', method: 'scale' },
    { width: '800', height: '600', method: 'scale' },
  ]
  await Promise.all(
    Array.from({ length: IMAGES }, async () => {
      const media = await client.upload(photograph, { type: 'image/jpeg' })
      for (const wish of wishes) await drain(await client.thumbnail(media, wish))
    }),
  )
  const seconds = (performance.now() - started) / 1_000
  return `${((IMAGES * wishes.length) / seconds).toFixed(0)} thumbnails/s of ${(photograph.length / MEGABYTE).toFixed(1)} MB each`
}

if (values.url && values.pid && values.directory)
  await measure(values.url, Number(values.pid), values.directory)
else {
  console.error(USAGE)
  process.exitCode = 2
}
