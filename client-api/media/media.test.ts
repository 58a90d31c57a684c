import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { MediaClient } from '../../spec-tests/support/media-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { picture } from './images.fixture.ts'

const MIB = 1024 * 1024
const PNG = await picture(8, 8).png().toBuffer()

let server: TestServer
let alice: MediaClient
let bob: MediaClient

beforeAll(async () => {
  const config = {
    max_upload_size: '1M',
    max_pending_media_uploads: 2,
    media_upload_limits: [{ time_period: '1d', max_size: '5M' }],
  }
  server = await startTestServer({ config })
  alice = await MediaClient.register(server.url, 'alice')
  bob = await MediaClient.register(server.url, 'bob')
})
afterAll(() => server.close())

async function errorOf(answer: Response): Promise<[number, unknown]> {
  return [answer.status, ((await answer.json()) as { errcode: unknown }).errcode]
}

describe('what is uploaded', () => {
  it('comes back as it was', async () => {
    const bytes = randomBytes(700_000)
    const media = await alice.upload(bytes, { type: 'application/zip', name: 'a "b" c.zip' })
    const answer = await bob.download(media)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/zip')
    expect(answer.headers.get('content-length')).toBe('700000')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a \\"b\\" c.zip"')
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
  })

  it('is shown in place where that is safe', async () => {
    const media = await alice.upload(PNG, { type: 'image/png', name: '☕.png' })
    const { headers } = await bob.download(media)
    expect(headers.get('content-disposition')).toBe("inline; filename*=UTF-8''%E2%98%95.png")
    expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'; script-src 'none'/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(headers.get('cache-control')).toBe('private, immutable, max-age=86400')
  })

  it.each([
    ['a page', 'text/html', '<script>alert(1)</script>'],
    ['a drawing with a script', 'image/svg+xml', '<svg onload="alert(1)"/>'],
    ['a page that says it is an image', 'image/png', '<html><script>alert(1)</script>'],
    ['a PDF that says it is text', 'text/plain', '%PDF-1.7\n'],
    ['an image that says it is text', 'text/plain', PNG],
  ])('is not shown in place: %s', async (_, type, body) => {
    const media = await alice.upload(body, { type })
    const { headers } = await bob.download(media)
    expect(headers.get('content-disposition')).toBe('attachment')
    expect(headers.get('content-type')).toBe(type)
  })

  it('may be empty, and without a type', async () => {
    const media = await alice.upload(new Uint8Array(), { type: '' })
    const answer = await bob.download(media)
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect((await answer.arrayBuffer()).byteLength).toBe(0)
  })

  it('gets another name where the path has one', async () => {
    const media = await alice.upload('text', { name: 'one.txt' })
    const answer = await bob.download(`${media}/two%0d%0aSet-Cookie:%20x.txt`)
    expect(answer.headers.get('content-disposition')).toBe('inline; filename="twoSet-Cookie: x.txt"')
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  it('is served in parts', async () => {
    const media = await alice.upload('0123456789')
    const part = async (range: string): Promise<[number, string | null, string]> => {
      const answer = await bob.download(media, { range })
      return [answer.status, answer.headers.get('content-range'), await answer.text()]
    }
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234'])
    expect(await part('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789'])
    expect(await part('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789'])
    expect(await part('bytes=8-99')).toEqual([206, 'bytes 8-9/10', '89'])
    expect(await part('bytes=0-1,3-4')).toEqual([200, null, '0123456789'])
    expect(await part('bytes=4-2')).toEqual([200, null, '0123456789'])
    expect((await part('bytes=10-')).slice(0, 2)).toEqual([416, 'bytes */10'])
  })

  it('is not sent again to who has it', async () => {
    const media = await alice.upload('content')
    const etag = (await bob.download(media)).headers.get('etag')!
    expect(etag).toBe(`"${createHash('sha256').update('content').digest('base64url')}"`)
    const again = await bob.download(media, { 'if-none-match': `"other", W/${etag}` })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const part = await bob.download(media, { range: 'bytes=0-0', 'if-range': '"other"' })
    expect([part.status, await part.text()]).toEqual([200, 'content'])
  })

  it('answers HEAD without the bytes', async () => {
    const media = await alice.upload('content')
    const answer = await bob.transfer('HEAD', `/_matrix/client/v1/media/download/${media}`)
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '7'])
  })

  it('is not for strangers: the old endpoints are frozen', async () => {
    const media = await alice.upload('content')
    const anybody = new MediaClient(server.url)
    expect(await errorOf(await anybody.download(media))).toEqual([401, 'M_MISSING_TOKEN'])
    for (const version of ['v3', 'r0', 'v1']) {
      const answer = await anybody.transfer('GET', `/_matrix/media/${version}/download/${media}`)
      expect(await errorOf(answer)).toEqual([404, 'M_NOT_FOUND'])
    }
  })
})

describe('uploads are refused', () => {
  it('that announce too much, before they come', async () => {
    const answer = await alice.transfer('POST', '/_matrix/media/v3/upload', new Uint8Array(MIB + 1))
    expect(await errorOf(answer)).toEqual([413, 'M_TOO_LARGE'])
  })

  it('that never end, as soon as they are too large', async () => {
    let sent = 0
    const { status, errcode } = await new Promise<{ status: number; errcode: unknown }>((resolve, reject) => {
      const request = httpRequest(`${alice.url}/_matrix/media/v3/upload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${alice.token}`, 'transfer-encoding': 'chunked' },
      })
      const pump = (): void => {
        if (request.destroyed) return
        sent += 64 * 1024
        if (request.write(Buffer.alloc(64 * 1024))) setImmediate(pump)
        else request.once('drain', pump)
      }
      request.on('response', (response) => {
        response.setEncoding('utf8')
        let text = ''
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          request.destroy()
          const { errcode } = JSON.parse(text) as { errcode: unknown }
          resolve({ status: response.statusCode ?? 0, errcode })
        })
      })
      request.on('error', reject)
      pump()
    })
    expect([status, errcode]).toEqual([413, 'M_TOO_LARGE'])
    expect(sent).toBeLessThan(16 * MIB)
  })

  it('that are compressed', async () => {
    const answer = await alice.transfer('POST', '/_matrix/media/v3/upload', 'x', {
      'content-encoding': 'gzip',
    })
    expect(answer.status).toBe(415)
  })

  it('of those who have no account', async () => {
    const answer = await new MediaClient(server.url).transfer('POST', '/_matrix/media/v3/upload', 'x')
    expect(await errorOf(answer)).toEqual([401, 'M_MISSING_TOKEN'])
  })

  it('beyond what a user may have in a day, also side by side', async () => {
    const carol = await MediaClient.register(server.url, 'carol')
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => carol.transfer('POST', '/_matrix/media/v3/upload', randomBytes(MIB))),
    )
    const refused = await Promise.all(answers.filter(({ status }) => status !== 200).map(errorOf))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(refused).toEqual(Array.from({ length: 3 }, () => [403, 'M_FORBIDDEN']))
  })
})

describe('a content URI without content', () => {
  it('waits for it', async () => {
    const media = await alice.create()
    const waiting = bob.download(`${media}?timeout_ms=30000`)
    await delay(100)
    const path = `/_matrix/media/v3/upload/${media}?filename=late.txt`
    const answer = await alice.transfer('PUT', path, 'late', { 'content-type': 'text/plain' })
    expect([answer.status, await answer.json()]).toEqual([200, {}])
    expect(await (await waiting).text()).toBe('late')
  })

  it('says that there is none, when the patience is at its end', async () => {
    const media = await alice.create()
    expect(await errorOf(await bob.download(`${media}?timeout_ms=100`))).toEqual([504, 'M_NOT_YET_UPLOADED'])
    expect(await errorOf(await bob.download(`${media}?timeout_ms=x`))).toEqual([400, 'M_INVALID_PARAM'])
    await alice.uploadTo(media, 'late')
  })

  it('takes content once, however many come at once', async () => {
    const media = await alice.create()
    const bodies = ['one', 'two', 'three', 'four']
    const answers = await Promise.all(bodies.map((body) => alice.uploadTo(media, body)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409])
    const stored = bodies[answers.findIndex(({ status }) => status === 200)]
    expect(await (await bob.download(media)).text()).toBe(stored)
    const again = await alice.uploadTo(media, null)
    expect(await errorOf(again)).toEqual([409, 'M_CANNOT_OVERWRITE_MEDIA'])
  })

  it('takes it of its user alone, and where it is known', async () => {
    const media = await alice.create()
    const put = async (client: MediaClient, path: string) =>
      errorOf(await client.transfer('PUT', `/_matrix/media/v3/upload/${path}`, 'x'))
    expect(await put(bob, media)).toEqual([403, 'M_FORBIDDEN'])
    expect(await put(alice, `${server.serverName}/unknown`)).toEqual([404, 'M_NOT_FOUND'])
    expect(await put(alice, media.replace(server.serverName, 'there.test'))).toEqual([404, 'M_NOT_FOUND'])
    await alice.uploadTo(media, 'x')
  })

  it('exists a few times for a user', async () => {
    const dave = await server.register('dave')
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => dave.request('POST', '/_matrix/media/v1/create', {})),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 429, 429, 429])
  })
})

test.each([
  'here.test/..%2f..%2fserver-name',
  'here.test/%2e%2e',
  'here.test/a%00b',
  'here.test/a:b',
  '..%2f..%2fetc/passwd',
  'here.test%2f..%2f/x',
])('no path leads out of the store: %s', async (path) => {
  const answer = await bob.download(path)
  expect([400, 404]).toContain(answer.status)
})

test('what may be uploaded is told', async () => {
  for (const path of ['/_matrix/client/v1/media/config', '/_matrix/media/v3/config']) {
    expect((await alice.request('GET', path)).body).toEqual({ 'm.upload.size': MIB })
  }
})
