import { buffer } from 'node:stream/consumers'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { miniServer, type MiniServer } from '../../test-support/mini-server.ts'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

const MAX_BYTES = 100_000
const SIGNED = '/_matrix/federation/v1/media/download/'

let network: PrivateNetwork
let here: MiniServer
const servers: Server[] = []

beforeAll(async () => {
  network = await privateNetwork()
  here = await miniServer(network, 'here.test')
})
afterAll(async () => {
  await here.close()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await network.close()
})

/** A host that does as told; a Matrix server, or one at port 443. */
async function serve(name: string, behave: Behaviour, at: 'matrix' | 443 = 'matrix'): Promise<void> {
  const { certificate, privateKey } = await network.issue(name)
  const server = createServer({ cert: certificate, key: privateKey }, behave)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  network.addresses.set(name, ['127.0.0.1'])
  if (at === 443) network.httpsPorts.set(name, port)
  else network.services.set(`_matrix-fed._tcp.${name}`, [{ name, port, priority: 0, weight: 0 }])
}

function multipart(response: ServerResponse, text: string, type = 'multipart/mixed; boundary="b:1"'): void {
  response.writeHead(200, { 'content-type': type }).end(text)
}

const whole = (headers: string, body: string): string =>
  `preamble\r\n--b:1\r\nContent-Type: application/json\r\n\r\n{}\r\n--b:1\r\n${headers}\r\n${body}\r\n--b:1--\r\n`

async function download(
  serverName: string,
): Promise<{ type: string; name: string | undefined; text: string }> {
  const options = { maxBytes: MAX_BYTES, timeoutMs: 100 }
  const file = await here.federation.media.download({ serverName, mediaId: 'id' }, options)
  return { type: file.contentType, name: file.fileName, text: (await buffer(file.body)).toString() }
}

describe('an answer of two parts', () => {
  test('is read, however it comes in pieces', async () => {
    const text = whole(
      `content-type: text/plain\r\nContent-Disposition: inline; filename*=utf-8''%E2%98%95\r\n`,
      'line\r\n--b:0\r\n\r\nline',
    )
    let asked = ''
    await serve('pieces.test', async (request, response) => {
      asked = request.url ?? ''
      response.writeHead(200, { 'content-type': 'multipart/mixed; boundary="b:1"' })
      for (const letter of text) {
        response.write(letter)
        await new Promise((resolve) => setImmediate(resolve))
      }
      response.end()
    })
    const file = await download('pieces.test')
    expect(file).toEqual({ type: 'text/plain', name: '☕', text: 'line\r\n--b:0\r\n\r\nline' })
    expect(asked).toBe(`${SIGNED}id?timeout_ms=100`)
  })

  test('needs no headers, and its last line may be short of two dashes', async () => {
    const text = `--b:1\r\n\r\n{}\r\n--b:1\r\n\r\nmedia\r\n--b:1\r\n`
    await serve('bare.test', (_, response) => multipart(response, text))
    expect(await download('bare.test')).toMatchObject({ type: 'application/octet-stream', text: 'media' })
  })

  test.each([
    ['of one part', '--b:1\r\n\r\n{}\r\n--b:1--\r\n'],
    ['with metadata that is no object', '--b:1\r\n\r\n[]\r\n--b:1\r\n\r\nmedia\r\n--b:1--'],
    ['with metadata without end', `--b:1\r\n\r\n${'x'.repeat(70_000)}`],
    ['with headers without end', `--b:1\r\n\r\n{}\r\n--b:1\r\nx: ${'x'.repeat(20_000)}`],
    ['with another boundary', '--b:2\r\n\r\n{}\r\n--b:2\r\n\r\nmedia\r\n--b:2--'],
    ['that is empty', ''],
  ])('is refused: %s', async (what, text) => {
    const name = `${what.replaceAll(' ', '-')}.test`
    await serve(name, (_, response) => multipart(response, text))
    await expect(download(name)).rejects.toMatchObject({ status: 502, errcode: 'M_UNKNOWN' })
  })

  test.each([
    'multipart/mixed',
    'text/plain',
    'multipart/form-data; boundary=b:1',
    `multipart/mixed; boundary=${'b'.repeat(71)}`,
  ])('is refused with the type %s', async (type) => {
    const name = `type-${type.length}.test`
    await serve(name, (_, response) => multipart(response, whole('', 'media'), type))
    await expect(download(name)).rejects.toMatchObject({ status: 502 })
  })

  test('that breaks off is no file', async () => {
    await serve('broken.test', (_, response) =>
      multipart(response, '--b:1\r\n\r\n{}\r\n--b:1\r\n\r\nhalf a file\r\n--b:'),
    )
    await expect(download('broken.test')).rejects.toThrow('the body ended too early')
  })

  test('that announces too much is not read', async () => {
    await serve('large.test', (_, response) => {
      response.writeHead(200, { 'content-type': 'multipart/mixed; boundary=b', 'content-length': 1e9 })
      response.flushHeaders()
    })
    await expect(download('large.test')).rejects.toMatchObject({ status: 502, errcode: 'M_TOO_LARGE' })
  })
})

describe('a location in place of the media', () => {
  async function locate(name: string, location: string): Promise<void> {
    await serve(name, (_, response) => multipart(response, whole(`Location: ${location}\r\n`, '')))
  }

  test('is followed once', async () => {
    await serve(
      'cdn.test',
      (request, response) => {
        expect(request.headers.authorization).toBeUndefined()
        response.writeHead(200, { 'content-type': 'text/plain' }).end(request.url)
      },
      443,
    )
    await locate('located.test', 'https://cdn.test/a?b=c')
    expect(await download('located.test')).toEqual({ type: 'text/plain', name: undefined, text: '/a?b=c' })
  })

  test('is not followed further', async () => {
    let followed = 0
    await serve('target.test', () => followed++, 443)
    await serve(
      'moving.test',
      (_, response) => response.writeHead(302, { location: 'https://target.test/' }).end(),
      443,
    )
    await locate('moved.test', 'https://moving.test/')
    await expect(download('moved.test')).rejects.toMatchObject({ status: 502 })
    expect(followed).toBe(0)
  })

  test.each([
    'http://cdn.test/a',
    'file:///etc/passwd',
    'https://user:password@cdn.test/',
    '/relative',
    `https://cdn.test/${'x'.repeat(9_000)}`,
  ])('must be HTTPS, absolute and of a usable length: %s', async (location) => {
    const name = `odd-${location.length}.test`
    await locate(name, location)
    await expect(download(name)).rejects.toMatchObject({ status: 502 })
  })

  test('may not lead inside', async () => {
    network.addresses.set('inside.test', ['10.0.0.1'])
    network.httpsPorts.set('inside.test', 443)
    await locate('inward.test', 'https://inside.test/')
    await expect(download('inward.test')).rejects.toMatchObject({ status: 502 })
  })
})

describe('a server that does not know the signed endpoint', () => {
  test('is asked by the old one, and not to ask others', async () => {
    const asked: string[] = []
    await serve('old.test', (request, response) => {
      asked.push(request.url ?? '')
      if (request.url?.startsWith(SIGNED)) {
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"errcode":"M_UNRECOGNIZED"}')
      } else response.writeHead(200, { 'content-type': 'text/plain' }).end('old')
    })
    expect(await download('old.test')).toMatchObject({ text: 'old' })
    expect(asked[1]).toBe('/_matrix/media/v3/download/old.test/id?allow_remote=false&timeout_ms=100')
  })

  test.each([
    [404, '{"errcode":"M_NOT_FOUND"}', 404, 'M_NOT_FOUND'],
    [404, 'no json', 404, 'M_NOT_FOUND'],
    [401, '{"errcode":"M_UNKNOWN_TOKEN"}', 502, 'M_UNKNOWN'],
    [504, '{"errcode":"M_NOT_YET_UPLOADED"}', 504, 'M_NOT_YET_UPLOADED'],
    [502, '{"errcode":"M_TOO_LARGE"}', 502, 'M_TOO_LARGE'],
    [429, '{"errcode":"M_LIMIT_EXCEEDED"}', 502, 'M_UNKNOWN'],
    [302, '{}', 502, 'M_UNKNOWN'],
  ])('is not what %s %s says', async (status, body, ownStatus, errcode) => {
    let asked = 0
    const name = `errors-${status}-${errcode.replaceAll('_', '-')}-${body.length}.test`
    await serve(name, (_, response) => {
      asked += 1
      response.writeHead(status, { location: 'https://elsewhere.test/' }).end(body)
    })
    await expect(download(name)).rejects.toMatchObject({ status: ownStatus, errcode })
    expect(asked).toBe(1)
  })
})
