import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import type { Config } from './config.ts'
import { loadConfig } from './load-config.ts'
import { rotateSigningKey } from './rotate-signing-key.ts'

let directory: string
let dataDir: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meridian-config-'))
  dataDir = join(directory, 'data')
})

afterEach(() => rm(directory, { recursive: true }))

async function load(...lines: string[]): Promise<Config> {
  const file = join(directory, 'homeserver.yaml')
  await writeFile(file, lines.join('\n'))
  return loadConfig({ file, dataDir })
}

async function complaint(...lines: string[]): Promise<string> {
  const outcome = await load(...lines).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(ConfigError)
  return (outcome as ConfigError).message.replaceAll(join(directory, 'homeserver.yaml'), 'FILE')
}

describe('without a file', () => {
  test('a server for this machine, on loopback and the embedded database, closed to strangers', async () => {
    const config = await loadConfig({ dataDir })
    expect(config.serverName).toBe('localhost')
    expect(config.database).toEqual({ kind: 'embedded', poolSize: 10 })
    expect(config.listeners.listeners).toMatchObject([{ port: 8008, tls: false }])
    expect(config.listeners.listeners[0]?.bindAddresses).toContain('127.0.0.1')
    expect(config.registration.enabled).toBe(false)
  })

  test('keys and secrets are made once, for the owner alone', async () => {
    const first = await loadConfig({ dataDir })
    const second = await loadConfig({ dataDir })
    expect(second.secrets.registrationSharedSecret).toBe(first.secrets.registrationSharedSecret)
    expect(second.secrets.signingKeys[0].publicKeyBase64).toBe(first.secrets.signingKeys[0].publicKeyBase64)
    for (const name of ['signing.key', 'server-secret', 'registration-shared-secret']) {
      expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600)
    }
  })

  test('homeserver.yaml in the data directory is found', async () => {
    await loadConfig({ dataDir: join(directory, 'other') })
    await writeFile(join(directory, 'homeserver.yaml'), 'server_name: found.example\n')
    expect((await loadConfig({ dataDir: directory })).serverName).toBe('found.example')
  })
})

describe('values', () => {
  test('durations and sizes in Synapse’s units', async () => {
    const config = await load(
      'server_name: example.org',
      'max_upload_size: 3M',
      'redaction_retention_period: 2w',
      'federation: { client_timeout: 1500, destination_max_retry_interval: 3h }',
    )
    expect(config.media.maxUploadBytes).toBe(3 * 1024 * 1024)
    expect(config.rooms.redactionRetentionMs).toBe(14 * 86_400_000)
    expect(config.federation.clientTimeoutMs).toBe(1500)
    expect(config.federation.destinationMaxRetryIntervalMs).toBe(3 * 3_600_000)
  })

  test('Synapse’s database section', async () => {
    const { database } = await load(
      'server_name: example.org',
      'database:',
      '  name: psycopg2',
      '  args: { user: synapse, password: secret, dbname: matrix, host: db, port: 5433, cp_max: 4 }',
    )
    expect(database).toEqual({
      kind: 'external',
      poolSize: 4,
      address: {
        user: 'synapse',
        password: 'secret',
        database: 'matrix',
        host: 'db',
        port: 5433,
        ssl: false,
      },
    })
  })

  test('paths are relative to the file', async () => {
    const config = await load('server_name: example.org', 'federation_custom_ca_list: [ca/ca.crt]')
    expect(config.federation.customCaPaths).toEqual([join(directory, 'ca/ca.crt')])
  })

  test('an empty block list allows every address, and a key without a value is at its default', async () => {
    const config = await load(
      'server_name: example.org',
      'ip_range_blacklist: []',
      'url_preview_ip_range_blacklist:',
    )
    expect(config.federation.ipRangeBlacklist).toEqual([])
    expect(config.urlPreviews.ipRangeBlacklist).toContain('127.0.0.0/8')
  })
})

describe('mistakes stop the start with key, line and a sentence', () => {
  test.each([
    [
      ['server_name: example.org', '', 'rc_mesage: {}'],
      'FILE, line 3: rc_mesage is not a key that Meridian knows',
    ],
    [['server_name: https://example.org'], 'FILE, line 1: server_name expects a server name'],
    [
      ['server_name: a.b', 'listeners:', '  - port: 8008', '  - port: 70000'],
      'FILE, line 4: listeners.1.port',
    ],
    [['server_name: a.b', 'listeners:', '  - prot: 8008'], 'FILE, line 3: listeners.0.prot is not a key'],
    [
      ['server_name: a.b', 'federation:', '  client_timeout: soon'],
      'FILE, line 3: federation.client_timeout expects a duration',
    ],
    [['server_name: a.b', 'server_name: c.d'], 'FILE, line 2: '],
    [['server_name: a.b', 'listeners: ['], 'FILE, line '],
    [['enable_metrics: true'], 'FILE: server_name is missing'],
    [['server_name: a.b', 'database: { name: sqlite3, args: {} }'], 'line 2: database.name expects psycopg2'],
    [
      ['server_name: a.b', 'enable_registration: true'],
      'line 2: enable_registration would let anybody register',
    ],
    [
      ['server_name: a.b', 'listeners: [{ port: 8448, tls: true }]'],
      'listeners.0.tls needs tls_certificate_path',
    ],
    [['server_name: a.b', '__proto__: { x: 1 }'], 'line 2: __proto__ is not a key'],
    [['just words'], 'the file must hold keys with values'],
  ])('%j', async (lines, expected) => {
    expect(await complaint(...lines)).toContain(expected)
  })

  test('the data of one server is not served under another name', async () => {
    await load('server_name: one.example')
    expect(await complaint('server_name: two.example')).toContain('belongs to the server one.example')
  })

  test('a damaged signing key is not quoted', async () => {
    await load('server_name: a.b')
    await writeFile(join(dataDir, 'signing.key'), 'ed25519 a_1 notakeybutsecret\n')
    const message = await complaint('server_name: a.b')
    expect(message).toContain('signing.key')
    expect(message).not.toContain('notakeybutsecret')
  })
})

test('keys that only Synapse knows are listed with what to do, wherever they stand', async () => {
  const config = await load(
    'server_name: example.org',
    'bcrypt_rounds: 12',
    'caches:',
    '  global_factor: 2',
    'listeners:',
    '  - { port: 9000, type: manhole }',
    '  - port: 8008',
    '    additional_resources: {}',
  )
  expect(config.notices).toEqual([
    expect.stringMatching(/^bcrypt_rounds \(line 2\) has no effect: .*argon2id/),
    expect.stringMatching(/^caches\.global_factor \(line 4\) has no effect: .*max_memory/),
    expect.stringMatching(/^listeners\.0 \(line \d\) has no effect: .*manhole/),
    expect.stringMatching(/^listeners\.1\.additional_resources \(line 8\) has no effect/),
  ])
  expect(config.listeners.listeners.map(({ port }) => port)).toEqual([8008])
})

test('a rotated key signs, and the one before it is published as old', async () => {
  const before = await load('server_name: example.org')
  const keyId = await rotateSigningKey(before)
  const after = await load('server_name: example.org')
  const [old] = before.secrets.signingKeys
  expect(after.secrets.signingKeys.map((key) => key.keyId)).toEqual([keyId])
  expect(after.identity.oldSigningKeys.get(old.keyId)?.key).toBe(old.publicKeyBase64)
  expect(await readFile(join(dataDir, 'old-signing-keys.json'), 'utf8')).not.toContain('seed')
})
