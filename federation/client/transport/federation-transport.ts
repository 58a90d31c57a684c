import type { Readable } from 'node:stream'
import type { Pool } from 'undici'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { JsonSyntaxError } from '../../../protocol/json/parse.ts'
import type { DestinationBackoff } from '../backoff/destination-backoff.ts'
import type { ResolveServerName } from '../discovery/resolve-server-name.ts'
import type { FederationAccess } from '../federation-access.ts'
import { parseServerAddress } from '../discovery/server-address.ts'
import type { DestinationPools } from './destination-pools.ts'
import { ScanError } from '../stream/object-scanner.ts'
import { AnswerStalledError, takeItems, type StreamBounds, type TakeItems } from '../stream/take-items.ts'
import { exchange, OK, openExchange, type Exchange, type WireExchange } from './exchange.ts'
import type { FederationLog } from './federation-log.ts'
import { FederationRequestError, type FailureKind } from './federation-request-error.ts'
import { failureOf, FIRST_SERVER_ERROR, readAnswer } from './read-answer.ts'
import { AnswerTooLargeError, readBounded } from '../../../homeserver/outgoing/read-bounded.ts'
import { signedHeaders, type RequestSigner, type WireRequest } from './signed-headers.ts'

/** Most answers are small; those that hold events name a bound of their own. */
const DEFAULT_MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** The server answers, and what it answers is not to be worked with. */
const BAD_ANSWERS = [AnswerTooLargeError, AnswerStalledError, ScanError, JsonSyntaxError]

/** A request to another server. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'PUT' | 'POST'
  /** Percent-encoded path and query: what is signed and what is on the wire. */
  readonly target: string
  readonly body?: JsonObject
  /** False for the endpoints that are not signed: keys, version. */
  readonly signed?: boolean
  /** The whole exchange, from the look-up to the last byte; the configured timeout when left out. */
  readonly timeoutMs?: number
  readonly maxAnswerBytes?: number
  /** Goes out to a server that is being left alone: because it has just called us, or somebody insists. */
  readonly ignoreBackoff?: boolean
  readonly signal?: AbortSignal
}

/** A good answer whose body is still to be read, or destroyed. */
export interface OpenAnswer {
  /** The value of a header by its name in lower case; the first where there are several. */
  header(name: string): string | undefined
  readonly body: Readable
}

/** Sends requests to other servers. Rejects with {@link FederationRequestError} and nothing else. */
export interface FederationTransport {
  readonly serverName: string
  /** @returns the answer's JSON object, its content not yet looked at. */
  request(destination: string, request: OutgoingRequest): Promise<JsonObject>
  /** For the few endpoints whose answer is no object. */
  requestValue(destination: string, request: OutgoingRequest): Promise<JsonValue>
  /** For answers with large lists: `lists` are handed to `take` as they come, the rest of the object is returned. */
  requestItems(
    destination: string,
    request: OutgoingRequest,
    lists: readonly string[],
    bounds: StreamBounds,
    take: TakeItems,
  ): Promise<JsonObject>
  /** For answers that are no JSON: `timeoutMs` holds until the last byte. Errors are read as of the others. */
  open(destination: string, request: OutgoingRequest): Promise<OpenAnswer>
  close(): Promise<void>
}

export interface TransportOptions {
  readonly signer: RequestSigner
  readonly resolve: ResolveServerName
  readonly pools: DestinationPools
  readonly backoff: DestinationBackoff
  readonly access: FederationAccess
  readonly timeoutMs: number
  /** How often a request is repeated at once when its connection broke. */
  readonly shortRetries: number
  readonly log: FederationLog
}

export function federationTransport(options: TransportOptions): FederationTransport {
  const { backoff, signer } = options
  let closing = false

  const admit = async (destination: string, request: OutgoingRequest): Promise<void> => {
    const refuse = (kind: FailureKind, reason: string): never => {
      throw new FederationRequestError(destination, kind, reason)
    }
    if (!parseServerAddress(destination)) refuse('not-allowed', 'that is not a server name')
    if (destination === signer.serverName) refuse('not-allowed', 'that is this server')
    if (!options.access(destination)) {
      refuse('not-allowed', 'the lists of servers to speak with shut it out')
    }
    if (request.ignoreBackoff !== true && (await backoff.retryAt(destination)) > Date.now()) {
      refuse('backed-off', 'it failed of late and is left alone for a while')
    }
  }

  const send = async <Result>(
    destination: string,
    request: OutgoingRequest,
    wire: WireRequest,
    over: (pool: Pool, request: WireExchange) => Promise<Result>,
  ): Promise<Result> => {
    const timeout = AbortSignal.timeout(request.timeoutMs ?? options.timeoutMs)
    const server = await options.resolve(destination)
    return over(options.pools.to(destination, server), {
      method: request.method,
      path: request.target,
      headers: { ...wire.headers, host: server.hostHeader },
      body: wire.body ?? null,
      signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
      maxAnswerBytes: request.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES,
      retries: options.shortRetries,
    })
  }

  /** Another server's failure lengthens the pause; our own shutdown, or a caller that lost interest, does not. */
  const remember = async (failure: FederationRequestError, request: OutgoingRequest, startedAt: number) => {
    if (closing) return
    const { destination, kind, status } = failure
    if (kind === 'unreachable' && request.signal?.aborted !== true)
      await backoff.failed(destination, startedAt)
    else if (status !== undefined && status < FIRST_SERVER_ERROR) await backoff.heardFrom(destination)
  }

  const attempt = async <Result, Answer>(
    destination: string,
    request: OutgoingRequest,
    over: (pool: Pool, request: WireExchange) => Promise<Result>,
    read: (result: Result) => Answer | Promise<Answer>,
  ): Promise<Answer> => {
    const wire = signedHeaders(signer, destination, request)
    await admit(destination, request)
    const startedAt = Date.now()
    try {
      const answer = await read(await send(destination, request, wire, over))
      await backoff.heardFrom(destination)
      return answer
    } catch (error) {
      const failure = asRequestError(destination, error)
      await remember(failure, request, startedAt)
      const [path] = request.target.split('?', 1)
      options.log.debug({ destination, path, kind: failure.kind, reason: failure.message }, 'request failed')
      throw failure
    }
  }

  const requestValue = (destination: string, request: OutgoingRequest): Promise<JsonValue> =>
    attempt(destination, request, exchange, (answer) => readAnswer(destination, answer))

  return {
    serverName: signer.serverName,
    requestValue,
    async requestItems(destination, request, lists, bounds, take) {
      let rest: JsonObject | undefined
      const takeBody = async (body: AsyncIterable<Buffer>): Promise<void> => {
        rest = await takeItems(body, lists, bounds, take)
      }
      const over = (pool: Pool, wire: WireExchange): Promise<Exchange> =>
        exchange(pool, { ...wire, takeBody })
      return attempt(destination, request, over, (answer) => rest ?? refusal(destination, answer))
    },
    open: (destination, request) =>
      attempt(destination, request, openExchange, async ({ statusCode, headers, body }) => {
        if (statusCode === OK) return { header: (name) => [headers[name]].flat()[0], body }
        const maxBytes = request.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES
        throw failureOf(destination, { status: statusCode, body: await readBounded(body, maxBytes) })
      }),
    async request(destination, request) {
      const answer = await requestValue(destination, request)
      if (isJsonObject(answer)) return answer
      throw new FederationRequestError(destination, 'bad-answer', 'the answer is no JSON object')
    },
    close: () => {
      closing = true
      return options.pools.close()
    },
  }
}

/** An answer that was not taken has another status than 200, which reading it throws. */
function refusal(destination: string, exchange: Exchange): never {
  readAnswer(destination, exchange)
  throw new FederationRequestError(destination, 'bad-answer', 'the answer is empty')
}

function asRequestError(destination: string, error: unknown): FederationRequestError {
  if (error instanceof FederationRequestError) return error
  if (BAD_ANSWERS.some((kind) => error instanceof kind) && error instanceof Error) {
    return new FederationRequestError(destination, 'bad-answer', error.message)
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new FederationRequestError(destination, 'unreachable', reason, { cause: error })
}
