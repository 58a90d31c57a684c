import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { TestClient, type Json, type TestAnswer } from './test-client.ts'

/** A request that the service was sent. */
export interface ServiceRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
  readonly body: Json
}

/** What the service answers. */
export interface ServiceAnswer {
  readonly status: number
  readonly body?: unknown
}

/** Answers a request; a promise that waits leaves the homeserver waiting. */
export type ServiceHandler = (request: ServiceRequest) => ServiceAnswer | Promise<ServiceAnswer>

/** An application service as a real HTTP server on loopback, with its registration file. */
export interface TestAppService {
  readonly registrationFile: string
  readonly asToken: string
  readonly hsToken: string
  /** Every request so far. */
  readonly requests: readonly ServiceRequest[]
  /** What answers from now on. */
  handle(handler: ServiceHandler): void
  /** A client that acts by the service's token. */
  actor(url: string, userId?: string, deviceId?: string): ActingClient
  close(): Promise<void>
}

/** A client of an application service that acts for one of its users. */
export class ActingClient extends TestClient {
  readonly #query: Readonly<Record<string, string>>

  constructor(url: string, token: string, userId?: string, deviceId?: string) {
    super(url)
    this.token = token
    this.userId = userId ?? ''
    this.deviceId = deviceId ?? ''
    this.#query = {
      ...(userId !== undefined && { user_id: userId }),
      ...(deviceId !== undefined && { device_id: deviceId }),
    }
  }

  override request(method: string, path: string, body?: unknown): Promise<TestAnswer> {
    const query = new URLSearchParams(this.#query).toString()
    if (query === '') return super.request(method, path, body)
    return super.request(method, `${path}${path.includes('?') ? '&' : '?'}${query}`, body)
  }
}

let count = 0

/**
 * Starts one.
 *
 * @param registration further keys of the registration; they win.
 * @param port where it listens; of the system's choice unless given.
 */
export async function startAppService(
  registration: Readonly<Record<string, unknown>> = {},
  port = 0,
): Promise<TestAppService> {
  const requests: ServiceRequest[] = []
  let handler: ServiceHandler = () => ({ status: 200, body: {} })
  const server = createServer((message, response) => {
    void read(message).then(async (request) => {
      requests.push(request)
      const { status, body = {} } = await handler(request)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const directory = await mkdtemp(join(tmpdir(), 'meridian-app-service-'))
  const registrationFile = join(directory, 'registration.yaml')
  const id = `service${++count}`
  const keys = {
    id,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    as_token: `as-token-of-${id}`,
    hs_token: `hs-token-of-${id}`,
    sender_localpart: '_bridge_bot',
    namespaces: {
      users: [{ exclusive: true, regex: '@_bridge_.*' }],
      aliases: [{ exclusive: true, regex: '#_bridge_.*' }],
      rooms: [],
    },
    ...registration,
  }
  await writeFile(registrationFile, stringify(keys))
  const asToken = String(keys.as_token)
  return {
    registrationFile,
    asToken,
    hsToken: String(keys.hs_token),
    requests,
    handle: (next) => void (handler = next),
    actor: (url, userId, deviceId) => new ActingClient(url, asToken, userId, deviceId),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true })
    },
  }
}

async function read(message: IncomingMessage): Promise<ServiceRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const url = new URL(message.url ?? '/', 'http://service')
  return {
    method: message.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    authorization: message.headers.authorization,
    body: (text === '' ? {} : JSON.parse(text)) as Json,
  }
}
