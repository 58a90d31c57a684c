import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { freePorts } from './demo/free-ports.ts'
import { registerBySharedSecret } from './shared-secret-registration.ts'

const MAIN = join(import.meta.dirname, '..', 'main.ts')
/** Lets the account through that PostgreSQL runs under when we are root. */
const PASSABLE = 0o711
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meridian-cli-'))
  await chmod(directory, PASSABLE)
})

afterAll(() => rm(directory, { recursive: true }))

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function meridian(...args: string[]): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...args], {
      cwd: directory,
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome
    return { code, stdout, stderr }
  }
}

test('init writes a configuration that start finds, once', async () => {
  const data = join(directory, 'new')
  expect(await meridian('init', '--server-name', 'new.example', '--data', data)).toMatchObject({ code: 0 })
  expect((await loadConfig({ dataDir: data })).serverName).toBe('new.example')
  const again = await meridian('init', '--server-name', 'new.example', '--data', data)
  expect(again.code).toBe(1)
  expect(again.stderr).toContain('exists already')
})

test('init refuses what is no server name', async () => {
  const outcome = await meridian('init', '--server-name', 'https://x', '--data', join(directory, 'bad'))
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toContain('expects a server name')
})

test('an authority and a certificate that it has issued', async () => {
  const data = join(directory, 'federation')
  expect((await meridian('ca', 'create', '--data', data)).code).toBe(0)
  expect((await meridian('ca', 'create', '--data', data)).stderr).toContain('exists already')
  const issued = await meridian('ca', 'issue', 'region-a.example', '10.0.0.1', '--data', data, '--days', '30')
  expect(issued.code).toBe(0)
  const authority = new X509Certificate(await readFile(join(data, 'ca', 'ca.crt')))
  const certificate = new X509Certificate(await readFile(join(data, 'tls', 'region-a.example.crt')))
  expect(certificate.verify(authority.publicKey)).toBe(true)
  expect(certificate.subjectAltName).toBe('DNS:region-a.example, IP Address:10.0.0.1')
})

test('keys are shown without their private halves, and rotated', async () => {
  const data = join(directory, 'keys')
  const before = await meridian('keys', 'show', '--data', data)
  expect(before.stdout).toMatch(/^ed25519:a_[0-9a-f]{6} [A-Za-z0-9+/]{43} signs\n$/)
  const secret = (await readFile(join(data, 'signing.key'), 'utf8')).trim().split(' ')[2] ?? ''
  expect(before.stdout).not.toContain(secret)
  expect((await meridian('keys', 'rotate', '--data', data)).code).toBe(0)
  const after = (await meridian('keys', 'show', '--data', data)).stdout.split('\n')
  expect(after[0]).toMatch(/ signs$/)
  expect(after[1]).toContain(before.stdout.split(' ').slice(0, 2).join(' '))
  expect(after[1]).toContain(' old since ')
})

test('db migrate makes the schema of the embedded database, and doctor finds it fit', async () => {
  const [port] = await freePorts(1)
  const config = join(directory, 'nobody-listens.yaml')
  await writeFile(
    config,
    `server_name: doctor.test\nlisteners: [{port: ${port}, bind_addresses: [127.0.0.1]}]\n`,
  )
  const source = ['--config', config, '--data', join(directory, 'database')]
  const first = await meridian('db', 'migrate', ...source)
  expect(first.stdout).toContain('Applied:')
  expect((await meridian('db', 'migrate', ...source)).stdout).toBe('The schema is up to date.\n')
  const health = await meridian('doctor', ...source)
  expect(health.stdout).toMatch(/^ok {3}database: Embedded PostgreSQL \d+\.\d+, UTF8, C collation\.$/m)
  expect(health.stdout).toMatch(/^WARN reachability: .* does not answer/m)
  expect(health.code).toBe(0)
})

test('a command that does not exist, and a configuration that does not', async () => {
  expect((await meridian('nonsense')).code).toBe(1)
  const outcome = await meridian('keys', 'show', '--config', join(directory, 'none.yaml'))
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toContain('cannot be read (ENOENT)')
})

test('registration by shared secret sends the MAC that Synapse’s API asks for', async () => {
  let sent: Record<string, unknown> = {}
  const body = async (request: IncomingMessage): Promise<string> => (await request.toArray()).join('')
  const server = createServer((request, response) => {
    if (request.method === 'GET') return void response.end('{"nonce":"abc"}')
    void body(request).then((text) => {
      sent = JSON.parse(text) as Record<string, unknown>
      response.end('{"user_id":"@ann:example.org"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const account = { username: 'ann', password: 'pw', admin: true }
  expect(await registerBySharedSecret(base, 'shared', account)).toBe('@ann:example.org')
  // printf 'abc\0ann\0pw\0admin' | openssl dgst -sha1 -hmac shared
  expect(sent).toEqual({ nonce: 'abc', ...account, mac: 'a24aa8dcdfc2b7f5adc40d2331d02397883c4a28' })
  await new Promise<void>((resolve) => void server.close(() => resolve()))
})
