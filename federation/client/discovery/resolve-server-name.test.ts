import { expect, test } from 'vitest'
import { serverNameResolver, UnresolvableServerError } from './resolve-server-name.ts'
import type { Endpoint } from './resolved-server.ts'
import { serviceRecords } from './service-records.ts'
import { staticPeers } from './static-peers.ts'

interface Dns {
  readonly wellKnown?: Record<string, string>
  readonly srv?: Record<string, { priority?: number; weight?: number; port: number; name: string }[]>
  readonly peers?: Record<string, string>
}

async function resolve(serverName: string, dns: Dns = {}): Promise<[Endpoint[], string, string]> {
  const services = serviceRecords({
    addresses: async () => [],
    services: async (name) =>
      (dns.srv?.[name] ?? []).map((record) => ({ priority: 0, weight: 0, ...record })),
  })
  const resolver = serverNameResolver({
    peers: staticPeers(new Map(Object.entries(dns.peers ?? {}))),
    delegate: async (host) => dns.wellKnown?.[host],
    services,
  })
  const { endpoints, hostHeader, certificateName } = await resolver(serverName)
  return [[...endpoints], hostHeader, certificateName]
}

const at = (host: string, port: number): Endpoint[] => [{ host, port }]

test('step 1: IP literals', async () => {
  expect(await resolve('1.2.3.4')).toEqual([at('1.2.3.4', 8448), '1.2.3.4', '1.2.3.4'])
  expect(await resolve('1.2.3.4:99')).toEqual([at('1.2.3.4', 99), '1.2.3.4:99', '1.2.3.4'])
  expect(await resolve('[::1]')).toEqual([at('::1', 8448), '[::1]', '::1'])
  expect(await resolve('[::1]:99')).toEqual([at('::1', 99), '[::1]:99', '::1'])
})

test('step 2: an explicit port asks neither well-known nor SRV', async () => {
  const dns = {
    wellKnown: { 'a.test': 'b.test' },
    srv: { '_matrix-fed._tcp.a.test': [{ port: 1, name: 'c.test' }] },
  }
  expect(await resolve('a.test:99', dns)).toEqual([at('a.test', 99), 'a.test:99', 'a.test'])
})

test('step 3: delegation to an address, a port, SRV records and nothing more', async () => {
  const srv = {
    '_matrix-fed._tcp.srv.test': [{ port: 1, name: 'c.test' }],
    '_matrix._tcp.srv.test': [{ port: 2, name: 'd.test' }],
    '_matrix._tcp.old.test': [{ port: 2, name: 'd.test' }],
    '_matrix-fed._tcp.a.test': [{ port: 3, name: 'wrong.test' }],
  }
  const to = (delegate: string): Dns => ({ wellKnown: { 'a.test': delegate }, srv })
  expect(await resolve('a.test', to('[::1]'))).toEqual([at('::1', 8448), '[::1]', '::1'])
  expect(await resolve('a.test', to('1.2.3.4:9'))).toEqual([at('1.2.3.4', 9), '1.2.3.4:9', '1.2.3.4'])
  expect(await resolve('a.test', to('b.test:443'))).toEqual([at('b.test', 443), 'b.test:443', 'b.test'])
  expect(await resolve('a.test', to('srv.test'))).toEqual([at('c.test', 1), 'srv.test', 'srv.test'])
  expect(await resolve('a.test', to('old.test'))).toEqual([at('d.test', 2), 'old.test', 'old.test'])
  expect(await resolve('a.test', to('b.test'))).toEqual([at('b.test', 8448), 'b.test', 'b.test'])
})

test('steps 4 to 6: SRV records keep the name that certificate and Host are for', async () => {
  const srv = { '_matrix-fed._tcp.a.test': [{ port: 1, name: 'c.test.' }] }
  expect(await resolve('a.test', { srv })).toEqual([at('c.test', 1), 'a.test', 'a.test'])
  const old = { '_matrix._tcp.a.test': [{ port: 2, name: 'd.test' }] }
  expect(await resolve('a.test', { srv: old })).toEqual([at('d.test', 2), 'a.test', 'a.test'])
  expect(await resolve('a.test')).toEqual([at('a.test', 8448), 'a.test', 'a.test'])
})

test.each([
  'b.test/path',
  'user@b.test',
  'b.test:99999',
  'b.test:0',
  'b.test:',
  '',
  'b test',
  '0x7f.1',
  '[1.2.3.4]',
])('a delegation to %j is none', async (delegate) => {
  expect(await resolve('a.test', { wellKnown: { 'a.test': delegate } })).toEqual([
    at('a.test', 8448),
    'a.test',
    'a.test',
  ])
})

test.each(['', 'a.test/', 'a_b.test', '1.2.3', '300.1.1.1', '[::1', 'a.test:70000', '@a.test', 'a.test\0'])(
  '%j is not a server name',
  async (serverName) => {
    await expect(resolve(serverName)).rejects.toThrow(UnresolvableServerError)
  },
)

test('SRV records are tried by priority, and one for the root says that there is no service', async () => {
  const srv = {
    '_matrix-fed._tcp.a.test': [
      { priority: 20, port: 3, name: 'late.test' },
      { priority: 10, weight: 0, port: 1, name: 'never-first.test' },
      { priority: 10, weight: 60_000, port: 2, name: 'heavy.test' },
    ],
    '_matrix-fed._tcp.none.test': [{ port: 0, name: '' }],
  }
  const [endpoints] = await resolve('a.test', { srv })
  expect(endpoints.map(({ port }) => port)).toEqual([2, 1, 3])
  expect((await resolve('none.test', { srv }))[0]).toEqual(at('none.test', 8448))
})

test('a configured peer is looked up nowhere', async () => {
  const dns: Dns = {
    peers: { 'a.test': '10.0.0.1:8449', 'c.test': '[::1]' },
    wellKnown: { 'a.test': 'b.test' },
  }
  expect(await resolve('a.test', dns)).toEqual([at('10.0.0.1', 8449), 'a.test', 'a.test'])
  expect(await resolve('c.test', dns)).toEqual([at('::1', 8448), 'c.test', 'c.test'])
  expect(() => staticPeers(new Map([['a.test', 'https://b.test']]))).toThrow('host:port')
})
