import type { Dispatcher, Pool } from 'undici'
import { readBounded } from '../../../homeserver/outgoing/read-bounded.ts'

/** A request as it goes on the wire. */
export interface WireExchange {
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly signal: AbortSignal
  readonly maxAnswerBytes: number
  /** How often the request is repeated when its connection breaks. */
  readonly retries: number
  /** Reads the body of an answer with status 200, which is then not held; what it throws ends the exchange. */
  readonly takeBody?: ((body: AsyncIterable<Buffer>) => Promise<void>) | undefined
}

/** A status and a whole body, which is empty where it was taken as it came. */
export interface Exchange {
  readonly status: number
  readonly body: Buffer
}

export const OK = 200
const NOTHING = Buffer.alloc(0)

/** The connection was there and broke; a peer may close a kept-alive one in the moment in which we write to it. */
const BROKEN_CONNECTION: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/**
 * Sends a request and reads the answer whole. Redirects are answers like any other: a signature is for one
 * destination. Every request of federation may be repeated without harm.
 */
export function exchange(pool: Pool, request: WireExchange): Promise<Exchange> {
  const { maxAnswerBytes, takeBody } = request
  let taken = false
  const read = async ({ statusCode, body }: Dispatcher.ResponseData): Promise<Exchange> => {
    if (takeBody && statusCode === OK) {
      taken = true
      await takeBody(body)
      return { status: OK, body: NOTHING }
    }
    return { status: statusCode, body: await readBounded(body, maxAnswerBytes) }
  }
  return requestOver(pool, request, read, () => !taken)
}

/** Sends a request as `exchange` does, and leaves the body of the answer to be read by the caller. */
export function openExchange(pool: Pool, request: WireExchange): Promise<Dispatcher.ResponseData> {
  return requestOver(pool, request, (answer) => Promise.resolve(answer))
}

async function requestOver<Result>(
  pool: Pool,
  { retries, maxAnswerBytes: _, takeBody: __, ...options }: WireExchange,
  read: (answer: Dispatcher.ResponseData) => Promise<Result>,
  mayRepeat: () => boolean = () => true,
): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await read(await pool.request(options))
    } catch (error) {
      if (!mayRepeat() || attempt >= retries || options.signal.aborted || !isBrokenConnection(error))
        throw error
    }
  }
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && BROKEN_CONNECTION.has(error.code)
}
