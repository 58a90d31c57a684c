import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { json, jsonText } from './answer.ts'
import { anybody, declareRoutes, endpoint, type Handler } from './endpoint.ts'
import { createListener, type Listener } from './listener.ts'

const MAX_ECHO_BYTES = 64
const logged: string[] = []
const note = (fields: object, message: string) => void logged.push(JSON.stringify(fields) + message)
const log = { debug: note, info: note, warn: note, error: note }
const open = (handler: Handler<undefined>) => endpoint(anybody, handler)

let listener: Listener
let url: string

beforeAll(async () => {
  const routes = declareRoutes()
    .get(
      '/things/:id',
      open((request) => json({ id: request.param('id'), tag: request.queryAll('tag') })),
    )
    .get(
      '/things/:id/parts/:part',
      open((request) => jsonText(JSON.stringify([request.param('id'), request.param('part')]))),
    )
    .put(
      '/things/:id/state/',
      open(() => json({ empty: true })),
    )
    .put(
      '/things/:id/state/:key',
      open((request) => json({ key: request.param('key') })),
    )
    .post(
      '/echo',
      open(async (request) => json({ got: await request.object({ maxBytes: MAX_ECHO_BYTES }) })),
    )
    .post(
      '/large',
      open(async (request) => json({ keys: Object.keys(await request.object()).length })),
    )
    .post(
      '/optional',
      open(async (request) => json(await request.optionalObject())),
    )
    .post(
      '/ignores-body',
      open(() => json({})),
    )
    .get(
      '/limited',
      open(() => {
        throw new MatrixError(429, 'M_LIMIT_EXCEEDED', 'Too many', { retry_after_ms: 1500 })
      }),
    )
    .get(
      '/broken',
      open(() => {
        throw new Error('secret detail')
      }),
    )
    .get(
      '/stream',
      open(() => ({
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: { stream: Readable.from(['a', 'b']) },
      })),
    )
  const second = declareRoutes().delete(
    '/things/:id',
    open(() => json({ deleted: true })),
  )
  listener = await createListener([routes, second], {
    port: 0,
    host: '127.0.0.1',
    log,
    aliases: (pattern) => (pattern.startsWith('/things') ? [`/old${pattern}`] : []),
  })
  url = `http://127.0.0.1:${listener.port}`
})

afterAll(() => listener.close())

async function ask(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>) {
  const response = await fetch(url + path, { method, ...(body !== undefined && { body }) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}

/** Sends bytes as they are and gives the first line of the answer. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(listener.port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8').on('data', (chunk) => (answer += chunk))
    socket.on('close', () => resolve(answer.split('\r\n')[0]!)).on('error', reject)
  })
}

describe('routing', () => {
  test.each([
    ['/things/a', '{"id":"a","tag":[]}'],
    ['/things/%21r%3Aserver%2Fx?tag=1&tag=%C3%A4', '{"id":"!r:server/x","tag":["1","ä"]}'],
    ['/things/%252F', '{"id":"%2F","tag":[]}'],
    ['/things/..%2f..%2fetc', '{"id":"../../etc","tag":[]}'],
    ['/things/a;b', '{"id":"a;b","tag":[]}'],
    [`/things/${'%C3%A4'.repeat(127)}`, JSON.stringify({ id: 'ä'.repeat(127), tag: [] })],
    ['/things/a/parts/b', '["a","b"]'],
    ['/old/things/a', '{"id":"a","tag":[]}'],
  ])('%s', async (path, text) => {
    expect(await ask('GET', path)).toMatchObject({ status: 200, text })
  })

  test.each([
    '/nothing',
    '/things',
    '/things/',
    '/things/a/',
    '/things/a/parts',
    '/THINGS/a',
    '//things/a',
    '/',
  ])('%s is not found', async (path) => {
    const { status, text } = await ask('GET', path)
    expect([status, JSON.parse(text).errcode]).toEqual([404, 'M_UNRECOGNIZED'])
  })

  test('another method is 405, and a trailing slash counts where it is declared', async () => {
    const { status, text } = await ask('POST', '/things/a')
    expect([status, JSON.parse(text).errcode]).toEqual([405, 'M_UNRECOGNIZED'])
    expect((await ask('PUT', '/things/a/state/', '{}')).text).toBe('{"empty":true}')
    expect((await ask('PUT', '/things/a/state/k', '{}')).text).toBe('{"key":"k"}')
    expect((await ask('DELETE', '/things/a')).text).toBe('{"deleted":true}')
  })

  test.each(['/things/%00', '/things/%ff', '/things/%zz', '/things/%', '/things/a%C3'])(
    '%s is refused',
    async (path) => {
      expect(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toContain(' 400 ')
    },
  )

  test('HEAD is GET without a body; OPTIONS runs nothing', async () => {
    expect(await ask('HEAD', '/things/a')).toMatchObject({ status: 200, text: '' })
    expect((await ask('OPTIONS', '/broken')).status).toBe(204)
    expect((await ask('OPTIONS', '/nothing')).headers.get('access-control-allow-origin')).toBe('*')
  })

  test('one pattern cannot be declared twice', async () => {
    const twice = () =>
      declareRoutes().get(
        '/x',
        open(() => json({})),
      )
    await expect(createListener([twice(), twice()], { port: 0, log })).rejects.toThrow('already declared')
  })
})

describe('answers', () => {
  test('every answer allows other origins, and JSON says exactly so', async () => {
    for (const path of ['/things/a', '/nothing', '/broken', '/limited']) {
      const { headers } = await ask('GET', path)
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('content-type')).toBe('application/json')
    }
  })

  test('what breaks inside stays inside', async () => {
    const { status, text } = await ask('GET', '/broken')
    expect([status, text]).toEqual([500, '{"errcode":"M_UNKNOWN","error":"Internal server error"}'])
  })

  test('a limit says when to come back', async () => {
    const { status, headers, text } = await ask('GET', '/limited')
    expect([status, headers.get('retry-after')]).toEqual([429, '2'])
    expect(JSON.parse(text)).toEqual({ errcode: 'M_LIMIT_EXCEEDED', error: 'Too many', retry_after_ms: 1500 })
  })

  test('streams pass through', async () => {
    const { headers, text } = await ask('GET', '/stream')
    expect([headers.get('content-type'), text]).toEqual(['text/plain', 'ab'])
  })

  test('neither paths nor queries are logged', async () => {
    await ask('GET', '/things/private-name?access_token=mrd_secret')
    expect(logged.some((line) => line.includes('/things/:id'))).toBe(true)
    expect(logged.join('\n')).not.toMatch(/private-name|mrd_secret|access_token/)
  })
})

describe('bodies', () => {
  test.each([
    ['', 'M_NOT_JSON'],
    ['{', 'M_NOT_JSON'],
    ['{"a":NaN}', 'M_NOT_JSON'],
    ['\ufeff{}', 'M_NOT_JSON'],
    ['{}x', 'M_NOT_JSON'],
    ['[]', 'M_BAD_JSON'],
    ['null', 'M_BAD_JSON'],
    ['"x"', 'M_BAD_JSON'],
    ['--x\r\ncontent-disposition: form-data\r\n\r\n{}\r\n--x--', 'M_NOT_JSON'],
  ])('%j is refused with %s', async (body, errcode) => {
    const { status, text } = await ask('POST', '/echo', body)
    expect([status, JSON.parse(text).errcode]).toEqual([400, errcode])
  })

  test('invalid UTF-8 is refused', async () => {
    const { status, text } = await ask('POST', '/echo', new Uint8Array([0x7b, 0x22, 0x81, 0x22, 0x7d]))
    expect([status, JSON.parse(text).errcode]).toEqual([400, 'M_NOT_JSON'])
  })

  test.each([
    '{"a":1.0,"b":1e3,"c":9007199254740993}',
    '{"__proto__":{"x":1},"constructor":2}',
    '{"nul":"\\u0000","half":"\\ud800"}',
  ])('%s comes back as it was', async (body) => {
    expect((await ask('POST', '/echo', body)).text).toBe(`{"got":${body}}`)
  })

  test('nesting without end is refused, a million small keys are not', async () => {
    for (const depth of [10_000, 200_000]) {
      const body = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
      expect((await ask('POST', '/large', body)).status).toBe(400)
    }
    const keys = Array.from({ length: 80_000 }, (_, index) => `"${index}":0`)
    expect((await ask('POST', '/large', `{${keys.join(',')}}`)).text).toBe('{"keys":80000}')
  })

  test('a byte too many is 413, announced or not', async () => {
    const fits = JSON.stringify({ a: 'x'.repeat(MAX_ECHO_BYTES - 8) })
    expect((await ask('POST', '/echo', fits)).status).toBe(200)
    const { status, text } = await ask('POST', '/echo', `${fits} `)
    expect([status, JSON.parse(text).errcode]).toEqual([413, 'M_TOO_LARGE'])
    const chunked =
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
    expect(await raw(`${chunked}80\r\n${'x'.repeat(128)}\r\n0\r\n\r\n`)).toContain(' 413 ')
  })

  test('a length and chunks together are refused, as is a compressed body', async () => {
    const both =
      'Transfer-Encoding: chunked\r\nContent-Length: 2\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n'
    expect(await raw(`POST /echo HTTP/1.1\r\nHost: x\r\n${both}`)).toContain(' 400 ')
    const zipped = 'Content-Encoding: gzip\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}'
    expect(await raw(`POST /echo HTTP/1.1\r\nHost: x\r\n${zipped}`)).toContain(' 415 ')
  })

  test('a body is optional where that is said, and one that nobody reads does no harm', async () => {
    expect((await ask('POST', '/optional')).text).toBe('{}')
    expect((await ask('POST', '/optional', '{"a":1}')).text).toBe('{"a":1}')
    expect((await ask('POST', '/optional', '[]')).status).toBe(400)
    expect((await ask('POST', '/ignores-body', 'x'.repeat(500_000))).status).toBe(200)
  })
})
