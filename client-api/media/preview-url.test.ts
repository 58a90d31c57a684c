import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { MediaClient } from '../../spec-tests/support/media-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { bomb, picture } from './images.fixture.ts'

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

const IMAGE = await picture(40, 30).png().toBuffer()

let server: TestServer
let alice: MediaClient
let site: Server
let base: string
let pages: Map<string, Behaviour>
let asked: string[]
let count = 0
let directory: string

beforeAll(async () => {
  site = createServer((request, response) => {
    asked.push(request.url ?? '')
    const behave = pages.get((request.url ?? '').split('?')[0]!)
    if (behave) behave(request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const { port } = site.address() as AddressInfo
  base = `http://127.0.0.1:${port}`
  directory = await mkdtemp(join(tmpdir(), 'meridian-previews-'))
  const providers = join(directory, 'providers.json')
  const endpoints = [{ schemes: [`${base}/video/*`], url: `${base}/oembed.{format}`, discovery: true }]
  await writeFile(providers, JSON.stringify([{ provider_name: 'Site', provider_url: base, endpoints }]))
  const config = {
    url_preview_enabled: true,
    url_preview_url_blacklist: [
      { scheme: 'http', path: '/private/*' },
      { path: '^/secret-[0-9]+$', query: 'key=*' },
    ],
    oembed: { additional_providers: [providers] },
    url_preview_ip_range_whitelist: ['127.0.0.1'],
    url_preview_accept_language: ['de', 'en;q=0.5'],
    max_spider_size: '1M',
  }
  server = await startTestServer({ config })
  alice = await MediaClient.register(server.url, 'alice')
})
beforeEach(() => {
  pages = new Map()
  asked = []
})
afterAll(async () => {
  await server.close()
  site.closeAllConnections()
  site.close()
  await rm(directory, { recursive: true })
})

function page(html: string | Buffer, type = 'text/html'): string {
  const path = `/page${++count}`
  pages.set(path, (_, response) => response.writeHead(200, { 'content-type': type }).end(html))
  return path
}

const ask = (url: string) =>
  alice.request('GET', `/_matrix/client/v1/media/preview_url?url=${encodeURIComponent(url)}`)

async function preview(path: string): Promise<Record<string, unknown>> {
  const { status, body } = await ask(base + path)
  expect(status).toBe(200)
  return body
}

describe('a preview', () => {
  it('is what Open Graph says, with the image from here', async () => {
    pages.set('/image.png', (_, response) => response.writeHead(200, { 'content-type': 'x/y' }).end(IMAGE))
    const path = page(`<html><head><title>Plain</title>
      <meta property="og:title" content="  The &amp;\n Rock "><meta property="og:type" content="video.movie">
      <meta property="og:image" content="/image.png"><meta property="og:video" content="https://x.test/">
      </head></html>`)
    const answer = await preview(path)
    expect(answer).toEqual({
      'og:title': 'The & Rock',
      'og:type': 'video.movie',
      'og:image': expect.stringMatching(/^mxc:\/\/here\.test\/[\w-]{32}$/) as string,
      'og:image:type': 'image/png',
      'og:image:width': 40,
      'og:image:height': 30,
      'matrix:image:size': IMAGE.length,
    })
    const image = await alice.download(String(answer['og:image']).slice('mxc://'.length))
    expect(Buffer.from(await image.arrayBuffer()).equals(IMAGE)).toBe(true)
    expect(await preview(path)).toEqual(answer)
    expect(asked).toEqual([path, '/image.png'])
  })

  it('is what Twitter’s cards say, or oEmbed, or the page itself', async () => {
    const twitter = page(
      '<meta name="twitter:title" content="Card"><meta name="twitter:description" content="Text">',
    )
    expect(await preview(twitter)).toEqual({ 'og:title': 'Card', 'og:description': 'Text' })
    const answer = {
      type: 'photo',
      title: 'Photo',
      provider_name: 'Site',
      url: 'file:///etc/passwd',
      html: '<b>',
    }
    const oembed = page(JSON.stringify(answer), 'application/json')
    const linked = page(`<link rel="alternate" type="application/json+oembed" href="${oembed}?a=b">`)
    expect(await preview(linked)).toEqual({ 'og:title': 'Photo', 'og:site_name': 'Site' })
    const plain = page(
      '<title>Title</title><nav><p>menu</p></nav><p>First.</p><script>x</script><p>Second.</p>',
    )
    expect(await preview(plain)).toEqual({ 'og:title': 'Title', 'og:description': 'First. Second.' })
  })

  it('of a site that is known to describe its pages is what it says there, and else what the page says', async () => {
    pages.set('/picture.png', (_, response) => response.writeHead(200).end(IMAGE))
    pages.set('/oembed.json', (request, response) => {
      const described = new URL(request.url!, base).searchParams.get('url')!.endsWith('/video/1')
      const answer = {
        type: 'rich',
        title: 'A film',
        provider_name: 'Site',
        thumbnail_url: '/picture.png',
        html: '<blockquote><p>What it is about</p></blockquote><script>x</script>',
      }
      response.writeHead(described ? 200 : 404).end(JSON.stringify(answer))
    })
    for (const path of ['/video/1', '/video/2']) {
      pages.set(path, (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Enable scripts</title>'),
      )
    }
    expect(await preview('/video/1')).toMatchObject({
      'og:title': 'A film',
      'og:site_name': 'Site',
      'og:description': 'What it is about',
      'og:image:width': 40,
    })
    expect(asked).toEqual([
      `/oembed.json?url=${encodeURIComponent(`${base}/video/1`)}&format=json`,
      '/picture.png',
    ])
    expect(await preview('/video/2')).toEqual({ 'og:title': 'Enable scripts' })
  })

  it('asks in the configured languages, and reads other encodings', async () => {
    let language = ''
    pages.set('/language', (request, response) => {
      language = request.headers['accept-language'] ?? ''
      response.writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1' })
      response.end(Buffer.from('<title>Stra\xdfe</title>', 'latin1'))
    })
    expect(await preview('/language')).toEqual({ 'og:title': 'Straße' })
    expect(language).toBe('de, en;q=0.5')
    const declared = Buffer.from('<meta charset="windows-1252"><title>\x80</title>', 'latin1')
    expect(await preview(page(declared))).toEqual({ 'og:title': '€' })
  })

  it('of an image is the image, and of a file nothing', async () => {
    expect(await preview(page(IMAGE, 'image/png'))).toMatchObject({ 'og:image:width': 40 })
    expect(await preview(page('%PDF-', 'application/pdf'))).toEqual({})
    expect(await preview(page('no image', 'image/png'))).toEqual({})
  })

  it('is made once for many at once', async () => {
    const path = page('<title>Busy</title>')
    await Promise.all(Array.from({ length: 10 }, () => preview(path)))
    expect(asked).toEqual([path])
  })
})

describe('a hostile page', () => {
  it.each([
    ['without end', (response: ServerResponse) => endless(response, '<p>text</p>')],
    ['of a million elements', (response: ServerResponse) => void response.end('<b>'.repeat(1_000_000))],
  ])('%s ends', async (_, answer) => {
    const path = `/hostile${++count}`
    pages.set(path, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<title>Found</title>')
      answer(response)
    })
    expect(await preview(path)).toMatchObject({ 'og:title': 'Found' })
  })

  it('with an image without end, a bomb, or none has none', async () => {
    pages.set('/endless.png', (_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' })
      endless(response, IMAGE)
    })
    for (const image of [
      '/endless.png',
      page('text', 'image/png'),
      'data:image/png;base64,AA',
      'file:///etc/passwd',
    ]) {
      const answer = await preview(page(`<title>T</title><meta property="og:image" content="${image}">`))
      expect(answer).toEqual({ 'og:title': 'T' })
    }
    const answer = await preview(
      page(`<meta property="og:image" content="${page(bomb(20_000), 'image/png')}">`),
    )
    expect(answer).toMatchObject({ 'og:image:type': 'image/png' })
    expect(answer['og:image:width']).toBeUndefined()
  })

  it('cannot lead inside: not by itself, by a redirect, its image or its oEmbed', async () => {
    for (const url of [
      'http://10.0.0.1/',
      'http://[::1]/',
      'http://0.0.0.0/',
      'http://[::ffff:10.0.0.1]/',
      'http://2130706434/',
    ]) {
      expect([url, (await ask(url)).status]).toEqual([url, 502])
    }
    pages.set('/inward', (_, response) => response.writeHead(302, { location: 'http://127.0.0.2/' }).end())
    expect((await ask(`${base}/inward`)).body['errcode']).toBe('M_UNKNOWN')
    pages.set('/file', (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end())
    expect((await ask(`${base}/file`)).status).toBe(502)
    const image = page('<title>T</title><meta property="og:image" content="http://127.0.0.2/x.png">')
    expect(await preview(image)).toEqual({ 'og:title': 'T' })
    const oembed = page(
      '<title>T</title><link rel=alternate type=application/json+oembed href="http://127.0.0.2/">',
    )
    expect(await preview(oembed)).toEqual({ 'og:title': 'T' })
  })

  it('that leads in circles is left', async () => {
    pages.set('/circle', (_, response) => response.writeHead(302, { location: '/circle' }).end())
    expect((await ask(`${base}/circle`)).status).toBe(502)
    expect(asked).toHaveLength(6)
  })
})

test('what is refused by its address is not asked, not on the way either', async () => {
  for (const path of ['/private/page', '/private/image.png', '/secret-1', '/secret-x'])
    pages.set(path, (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>T</title>'),
    )
  pages.set('/way', (_, response) => response.writeHead(302, { location: '/private/page' }).end())
  for (const path of ['/private/page', '/way', '/secret-1?key=1']) {
    expect([path, (await ask(base + path)).status]).toEqual([path, 502])
  }
  const pictured = page('<title>T</title><meta property="og:image" content="/private/image.png">')
  expect(await preview(pictured)).toEqual({ 'og:title': 'T' })
  expect(asked).toEqual(['/way', pictured])
  for (const path of ['/secret-1', '/secret-x?key=1'])
    expect(await preview(path)).toEqual({ 'og:title': 'T' })
})

test('what is no web address is refused', async () => {
  for (const url of ['', 'text', 'file:///etc/passwd', 'ftp://x.test/', 'http://user:password@x.test/']) {
    expect((await ask(url)).body['errcode']).toBe('M_INVALID_PARAM')
  }
  const without = await alice.request('GET', '/_matrix/client/v1/media/preview_url')
  expect(without.body['errcode']).toBe('M_MISSING_PARAM')
  const old = await alice.request(
    'GET',
    `/_matrix/media/v3/preview_url?url=${encodeURIComponent(base + page('x'))}`,
  )
  expect(old.status).toBe(200)
})

test('there are none unless they are switched on', async () => {
  const plain = await startTestServer()
  try {
    const client = await plain.register('alice')
    const answer = await client.request('GET', `/_matrix/client/v1/media/preview_url?url=${base}`)
    expect([answer.status, answer.body['errcode']]).toEqual([404, 'M_UNRECOGNIZED'])
  } finally {
    await plain.close()
  }
})

function endless(response: ServerResponse, piece: string | Buffer): void {
  const more = (): void => {
    if (!response.destroyed)
      response.write(Buffer.concat(Array.from({ length: 100 }, () => Buffer.from(piece))), more)
  }
  more()
}
