import { X509Certificate } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { beforeAll, expect, test } from 'vitest'
import { createAuthority, type CertificateWithKey } from './create-authority.ts'
import { certificateHost, issueCertificate } from './issue-certificate.ts'

const DAYS = 30
let authority: CertificateWithKey
let issued: CertificateWithKey

beforeAll(async () => {
  authority = await createAuthority('Example federation', 365)
  issued = await issueCertificate(
    authority,
    ['region-a.example:8448', '10.1.2.3', '[2001:db8::7]:8448'],
    DAYS,
  )
})

/** Opens a TLS connection by that name; resolves to whether the other side proved it, or why it did not. */
async function handshake(options: { ca: string; servername: string }): Promise<string> {
  const server = createServer({ cert: issued.certificate, key: issued.privateKey })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const outcome = await new Promise<string>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ...options }, () => {
      resolve('trusted')
      socket.destroy()
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
  await new Promise<void>((resolve) => void server.close(() => resolve()))
  return outcome
}

test('OpenSSL accepts the chain, the names and the dates', () => {
  const root = new X509Certificate(authority.certificate)
  const certificate = new X509Certificate(issued.certificate)
  expect(root.ca).toBe(true)
  expect(certificate.ca).toBe(false)
  expect(certificate.checkIssued(root)).toBe(true)
  expect(certificate.verify(root.publicKey)).toBe(true)
  expect(certificate.checkHost('region-a.example')).toBe('region-a.example')
  expect(certificate.checkHost('region-b.example')).toBeUndefined()
  expect(certificate.checkIP('10.1.2.3')).toBe('10.1.2.3')
  expect(certificate.checkIP('2001:db8::7')).toBe('2001:db8::7')
  expect(BigInt(`0x${certificate.serialNumber}`) > 0n).toBe(true)
})

test('a TLS client that knows the authority trusts the server by its name only', async () => {
  expect(await handshake({ ca: authority.certificate, servername: 'region-a.example' })).toBe('trusted')
  expect(await handshake({ ca: authority.certificate, servername: 'region-b.example' })).toBe(
    'ERR_TLS_CERT_ALTNAME_INVALID',
  )
  const stranger = await createAuthority('Another', DAYS)
  expect(await handshake({ ca: stranger.certificate, servername: 'region-a.example' })).toBe(
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  )
})

test('a certificate does not outlive its authority', async () => {
  const short = await createAuthority('Short', 10)
  const certificate = new X509Certificate((await issueCertificate(short, ['a.example'], DAYS)).certificate)
  expect(certificate.validTo).toBe(new X509Certificate(short.certificate).validTo)
})

test('the host of a server name', () => {
  expect(certificateHost('example.org')).toBe('example.org')
  expect(certificateHost('example.org:8448')).toBe('example.org')
  expect(certificateHost('1.2.3.4:8448')).toBe('1.2.3.4')
  expect(certificateHost('[2001:db8::1]')).toBe('2001:db8::1')
})
