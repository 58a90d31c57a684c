import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AnswerLedger } from './answer-ledger.ts'
import { observeFetch } from './observe-fetch.ts'
import { ResponseSchemas } from './response-schemas.ts'

/** No operation of the specification, so that nobody else has an opinion on the answer. */
const PATH = '/_matrix/client/v3/example'

const schemas = new ResponseSchemas([
  {
    paths: {
      [PATH]: {
        get: { responses: { 200: { content: { 'application/json': { schema: { type: 'string' } } } } } },
      },
    },
  },
])
const FAULT = `GET ${PATH} 200 at /: must be string`

const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  if (request.headers['x-named']) response.setHeader('server', 'Synapse/1.0')
  if (request.headers['x-streamed']) response.write(' ')
  response.end('{}')
})
const ports = new Set<number>()
const ledger = new AnswerLedger(async () => schemas)
const unobserved = globalThis.fetch
let url: string

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}?a=b`
  observeFetch(ledger, ports)
})
afterAll(() => {
  globalThis.fetch = unobserved
  server.close()
})

async function faultsAfter(headers: Record<string, string> = {}): Promise<string[]> {
  expect(await (await fetch(url, { headers })).json()).toEqual({})
  return ledger.takeFaults()
}

test('answers of other processes are checked, those of other servers are not', async () => {
  expect(await faultsAfter()).toEqual([FAULT])
  expect(await faultsAfter({ 'x-named': 'yes' })).toEqual([])
})

test('of the servers of this process those that are streamed are checked', async () => {
  ports.add(Number(new URL(url).port))
  expect(await faultsAfter()).toEqual([])
  expect(await faultsAfter({ 'x-streamed': 'yes' })).toEqual([FAULT])
})
