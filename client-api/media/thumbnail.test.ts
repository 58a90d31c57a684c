import { readdir } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { eventually } from '../../spec-tests/support/eventually.ts'
import { MediaClient } from '../../spec-tests/support/media-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { animation, bomb, picture } from './images.fixture.ts'

let server: TestServer
let alice: MediaClient

beforeAll(async () => {
  server = await startTestServer({ config: { enable_authenticated_media: false, max_image_pixels: '4M' } })
  alice = await MediaClient.register(server.url, 'alice')
})
afterAll(() => server.close())

interface Seen {
  readonly type: string | null
  readonly format: string
  readonly width: number
  readonly height: number
  readonly frames: number
}

async function look(media: string, query: Record<string, string>): Promise<Seen> {
  const answer = await alice.thumbnail(media, query)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toMatch(/^inline; filename="thumbnail\.\w+"$/)
  const bytes = Buffer.from(await answer.arrayBuffer())
  const { format, width, height, pageHeight, pages } = await sharp(bytes, { animated: true }).metadata()
  return {
    type: answer.headers.get('content-type'),
    format,
    width,
    height: pageHeight ?? height,
    frames: pages ?? 1,
  }
}

async function refusal(media: string, query: Record<string, string>): Promise<[number, unknown]> {
  const answer = await alice.thumbnail(media, query)
  return [answer.status, ((await answer.json()) as { errcode: unknown }).errcode]
}

const CROP = { width: '32', height: '32', method: 'crop' }
const SCALE = { width: '320', height: '240', method: 'scale' }

test('the configured thumbnails are made at upload', async () => {
  await alice.upload(await picture(900, 901).png().toBuffer(), { type: 'image/png' })
  await eventually('the image and five thumbnails', async () => {
    const entries = await readdir(server.mediaDirectory, { recursive: true, withFileTypes: true })
    const stored = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith('incoming'))
    return stored.length === 6
  })
})

describe('a thumbnail', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('of a %s image is cropped or scaled', async (format) => {
    const media = await alice.upload(await picture(900, 600)[format]().toBuffer(), {
      type: `image/${format}`,
    })
    const made = format === 'png' ? 'png' : 'jpeg'
    const facts = { type: `image/${made}`, format: made, frames: 1 }
    expect(await look(media, CROP)).toEqual({ ...facts, width: 32, height: 32 })
    expect(await look(media, SCALE)).toEqual({ ...facts, width: 360, height: 240 })
    expect(await look(media, { width: '33', height: '10' })).toEqual({ ...facts, width: 360, height: 240 })
  })

  it('is the image itself where that is no larger', async () => {
    const bytes = await picture(30, 20).png().toBuffer()
    const media = await alice.upload(bytes, { type: 'image/png' })
    const answer = await alice.thumbnail(media, CROP)
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
    expect(answer.headers.get('content-type')).toBe('image/png')
  })

  it.each(['gif', 'webp'] as const)('of an animated %s moves where that is wished', async (format) => {
    const media = await alice.upload(await animation(500, 400, format), { type: `image/${format}` })
    const moving = { type: 'image/webp', format: 'webp', width: 320, height: 256, frames: 3 }
    expect(await look(media, { ...SCALE, animated: 'true' })).toEqual(moving)
    expect(await look(media, { ...SCALE, animated: 'false' })).toMatchObject({ width: 320, frames: 1 })
    expect(await look(media, SCALE)).toMatchObject({ width: 320, frames: 1 })
    expect(await look(media, { width: '640', height: '480' })).toMatchObject({ width: 500, frames: 1 })
  })

  it('stands upright, and tells nothing of where it was taken', async () => {
    const exif = { IFD0: { Copyright: 'somebody' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } }
    const bytes = await picture(600, 400).withExif(exif).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const media = await alice.upload(bytes, { type: 'image/jpeg' })
    const answer = await alice.thumbnail(media, SCALE)
    const metadata = await sharp(Buffer.from(await answer.arrayBuffer())).metadata()
    expect(metadata).toMatchObject({ width: 320, height: 480 })
    expect([metadata.orientation, metadata.exif]).toEqual([undefined, undefined])
  })

  it('is made of CMYK too', async () => {
    const bytes = await picture(400, 300).toColourspace('cmyk').jpeg().toBuffer()
    expect((await sharp(bytes).metadata()).space).toBe('cmyk')
    expect(await look(await alice.upload(bytes, { type: 'image/jpeg' }), CROP)).toMatchObject({ width: 32 })
  })

  it('is made once, however many ask, and served without a token before the freeze', async () => {
    const media = await alice.upload(await picture(700, 701).png().toBuffer(), { type: 'image/png' })
    const anybody = new MediaClient(server.url)
    const path = `/_matrix/media/v3/thumbnail/${media}?${new URLSearchParams(SCALE)}`
    const answers = await Promise.all(Array.from({ length: 10 }, () => anybody.transfer('GET', path)))
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(1)
    expect((await anybody.thumbnail(media, SCALE)).status).toBe(401)
  })

  it('was uploaded before the freeze, and is downloaded without a token then', async () => {
    const bytes = await picture(40, 30).png().toBuffer()
    const media = await alice.upload(bytes, { type: 'image/png', name: 'mine.png' })
    const anybody = new MediaClient(server.url)
    for (const [path, name] of [
      [media, 'mine.png'],
      [`${media}/other.png`, 'other.png'],
    ]) {
      const answer = await anybody.transfer('GET', `/_matrix/media/v3/download/${path}`)
      expect([answer.status, answer.headers.get('content-disposition')]).toEqual([
        200,
        `inline; filename="${name}"`,
      ])
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
    }
  })
})

describe('no thumbnail', () => {
  it.each([
    ['text', 'text/plain', Buffer.from('text')],
    [
      'a drawing',
      'image/svg+xml',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    ['a document', 'application/pdf', Buffer.from('%PDF-1.7\n')],
    ['a page that says it is an image', 'image/png', Buffer.from('<html></html>')],
    ['an image that ends after its header', 'image/png', bomb(400).subarray(0, 50)],
    ['nothing', 'image/png', Buffer.alloc(0)],
  ])('is made of %s', async (_, type, bytes) => {
    const media = await alice.upload(bytes, { type })
    expect(await refusal(media, CROP)).toEqual([400, 'M_UNKNOWN'])
    expect(await refusal(media, CROP)).toEqual([400, 'M_UNKNOWN'])
  })

  it('is made of an image in another format than four', async () => {
    for (const format of ['tiff', 'avif'] as const) {
      const media = await alice.upload(await picture(400, 300)[format]().toBuffer(), { type: 'image/png' })
      expect(await refusal(media, CROP)).toEqual([400, 'M_UNKNOWN'])
    }
  })

  it('is made of a bomb, which is not unpacked', async () => {
    const bytes = bomb(30_000)
    expect(bytes.length).toBeLessThan(200_000)
    const media = await alice.upload(bytes, { type: 'image/png' })
    const started = performance.now()
    expect(await refusal(media, CROP)).toEqual([413, 'M_TOO_LARGE'])
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it.each([
    [{}, 'M_MISSING_PARAM'],
    [{ width: '32' }, 'M_MISSING_PARAM'],
    [{ width: '0', height: '32' }, 'M_INVALID_PARAM'],
    [{ width: '-1', height: '32' }, 'M_INVALID_PARAM'],
    [{ width: '1.5', height: '32' }, 'M_INVALID_PARAM'],
    [{ width: '1e3', height: '32' }, 'M_INVALID_PARAM'],
    [{ width: '99999999999', height: '32' }, 'M_INVALID_PARAM'],
    [{ width: '32', height: '32', method: 'stretch' }, 'M_INVALID_PARAM'],
    [{ width: '32', height: '32', animated: 'maybe' }, 'M_INVALID_PARAM'],
  ])('is found for %j', async (query, errcode) => {
    const media = await alice.upload('x')
    expect(await refusal(media, query)).toEqual([400, errcode])
  })
})

test('an image with a page behind it is served as an image alone', async () => {
  const bytes = Buffer.concat([
    await picture(400, 300).png().toBuffer(),
    Buffer.from('<script>alert(1)</script>'),
  ])
  const media = await alice.upload(bytes, { type: 'text/html' })
  const whole = await alice.download(media)
  expect(whole.headers.get('content-disposition')).toBe('attachment')
  expect(whole.headers.get('content-security-policy')).toContain('sandbox')
  const thumbnail = Buffer.from(await (await alice.thumbnail(media, SCALE)).arrayBuffer())
  expect(thumbnail.includes('script')).toBe(false)
})
