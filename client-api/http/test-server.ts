import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase } from '../../spec-tests/support/test-database.ts'
import { createAccounts, type Accounts } from '../../homeserver/accounts/accounts.ts'
import { registerDepartures } from '../../homeserver/accounts/deactivate-account.ts'
import { registerFarewells } from '../../homeserver/accounts/device-farewells.ts'
import { loadErasedUsers } from '../../homeserver/accounts/erased-users.ts'
import { AppServices } from '../../homeserver/appservices/app-services.ts'
import { loadConfig } from '../../homeserver/config/load-config.ts'
import { createListener } from '../../homeserver/http/listener.ts'
import { JobRunner } from '../../homeserver/jobs/job-runner.ts'
import { createRateLimits } from '../../homeserver/rate-limits/rate-limits.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { Interner } from '../../storage/interning/interner.ts'
import { Committer } from '../../storage/position/committer.ts'
import type { AccountApiContext } from '../context.ts'
import { accountRoutes } from '../routes.ts'
import { legacyAliases } from './aliases.ts'

const LENIENT = '{ per_second: 1000, burst_count: 1000 }'
const OPEN_REGISTRATION = 'enable_registration: true\nenable_registration_without_verification: true\n'
const BASE_CONFIG = `server_name: test.example
registration_shared_secret: shared
rc_registration: ${LENIENT}
rc_registration_token_validity: ${LENIENT}
`
const LENIENT_LOGIN = `rc_login: { address: ${LENIENT}, account: ${LENIENT}, failed_attempts: ${LENIENT} }\n`

/** An answer as tests look at it. */
export interface TestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** A server of accounts for tests: real HTTP on loopback, real PostgreSQL. */
export interface TestServer {
  readonly url: string
  readonly accounts: Accounts
  readonly context: AccountApiContext & { readonly committer: Committer }
  readonly database: Database
  /** Sends JSON, or a body as it is when that is a text or bytes. */
  request(method: string, path: string, options?: RequestOptions): Promise<TestAnswer>
  /** Registers a user and returns its id, device and token. */
  register(username: string, password?: string): Promise<{ userId: string; deviceId: string; token: string }>
  close(): Promise<void>
}

interface RequestOptions {
  readonly token?: string | undefined
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/**
 * Starts one.
 *
 * @param extraConfig further lines of YAML.
 * @param options.open whether anybody may register; `lenient`: whether logins are not limited.
 */
export async function startTestServer(
  extraConfig = '',
  { open = true, lenient = true } = {},
): Promise<TestServer> {
  const testDatabase = await createTestDatabase()
  const directory = await mkdtemp(join(tmpdir(), 'meridian-test-'))
  const file = join(directory, 'homeserver.yaml')
  const base = BASE_CONFIG + (open ? OPEN_REGISTRATION : '') + (lenient ? LENIENT_LOGIN : '')
  await writeFile(file, base + extraConfig)
  const config = await loadConfig({ file, dataDir: directory })
  const database = openDatabase(testDatabase.address)
  const committer = new Committer(testDatabase.address, 'test', () => {})
  await committer.start()
  const interner = new Interner(database.pool)
  const limits = createRateLimits(config.rateLimits)
  const failures: unknown[] = []
  const jobs = new JobRunner(database.queries, { onError: (error) => void failures.push(error) })
  const accounts = createAccounts({
    serverName: config.serverName,
    publicBaseUrl: config.identity.publicBaseUrl,
    queries: database.queries,
    interner,
    committer,
    registration: config.registration,
    login: config.login,
    registrationSharedSecret: config.secrets.registrationSharedSecret,
    limits,
    jobs,
    appServices: new AppServices(config.appServices),
    erasedUsers: await loadErasedUsers(database.queries),
    onError: () => {},
  })
  registerDepartures(jobs, accounts)
  registerFarewells(jobs, accounts)
  await jobs.start()
  const context = { config, queries: database.queries, interner, committer, accounts, limits }
  const quiet = () => {}
  const log = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (fields: object) => void failures.push(fields),
  }
  const listener = await createListener(accountRoutes(context), {
    port: 0,
    host: '127.0.0.1',
    log,
    aliases: legacyAliases,
  })
  const url = `http://127.0.0.1:${listener.port}`
  const request = (method: string, path: string, options: RequestOptions = {}) =>
    send(url, method, path, options)
  return {
    url,
    accounts,
    context,
    database,
    request,
    async register(username, password = 'correct horse') {
      const body = { username, password, auth: { type: 'm.login.dummy' } }
      const answer = await request('POST', '/_matrix/client/v3/register', { body })
      if (answer.status !== 200) throw new Error(`registration failed: ${JSON.stringify(answer.body)}`)
      const { user_id, device_id, access_token } = answer.body
      return { userId: String(user_id), deviceId: String(device_id), token: String(access_token) }
    },
    async close() {
      await listener.close()
      await jobs.stop()
      await accounts.lastSeen.flush()
      await committer.stop()
      await database.close()
      await testDatabase.close()
      await rm(directory, { recursive: true })
      if (failures.length > 0) throw new Error('a request failed inside', { cause: failures[0] })
    },
  }
}

async function send(url: string, method: string, path: string, options: RequestOptions): Promise<TestAnswer> {
  const { token, body, headers } = options
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(url + path, {
    method,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    redirect: 'manual',
    ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  }
}
