import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressRanges } from './address-ranges.ts'
import { clientAddress, type ForwardedTrust } from './client-address.ts'

let trust: ForwardedTrust | undefined
const server = createServer((message, response) => void response.end(clientAddress(message, trust)))
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => void server.close())

async function seen(believed: ForwardedTrust | undefined, forwarded: string): Promise<string> {
  trust = believed
  return (await fetch(url, { headers: { 'x-forwarded-for': forwarded } })).text()
}

const proxies = (...ranges: string[]): ForwardedTrust => ({ from: 'proxies', ranges: addressRanges(ranges) })

test.each<[string, ForwardedTrust | undefined, string, string]>([
  ['nobody is believed', undefined, '192.0.2.1', '127.0.0.1'],
  ['the nearest proxy is believed', { from: 'anybody' }, '192.0.2.66, 192.0.2.1', '192.0.2.1'],
  ['a claim is not', proxies('127.0.0.1'), '192.0.2.66, 192.0.2.1', '192.0.2.1'],
  ['a stranger is not', proxies('10.0.0.0/8'), '192.0.2.1', '127.0.0.1'],
  [
    'two proxies in a row',
    proxies('127.0.0.0/8', '10.0.0.0/8'),
    '192.0.2.66, 192.0.2.1, 10.1.2.3',
    '192.0.2.1',
  ],
  ['IPv6', proxies('127.0.0.1', 'fd00::/8'), '2001:db8::1, fd00::2', '2001:db8::1'],
  ['mapped addresses', proxies('127.0.0.1', '10.0.0.0/8'), '192.0.2.1, ::ffff:10.0.0.1', '192.0.2.1'],
  ['nonsense', proxies('127.0.0.1'), '192.0.2.1, nonsense', '127.0.0.1'],
  ['all are proxies', proxies('127.0.0.1', '10.0.0.0/8'), '10.0.0.9', '10.0.0.9'],
])('%s', async (_name, believed, forwarded, address) => {
  expect(await seen(believed, forwarded)).toBe(address)
})
