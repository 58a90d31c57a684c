import type { Pool } from 'undici'
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
}

/** A status and a whole body. */
export interface Exchange {
  readonly status: number
  readonly body: Buffer
}

/** The connection was there and broke; a peer may close a kept-alive one in the moment in which we write to it. */
const BROKEN_CONNECTION: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/**
 * Sends a request and reads the answer whole. Redirects are answers like any other: a signature is for one
 * destination. Every request of federation may be repeated without harm.
 */
export async function exchange(pool: Pool, request: WireExchange): Promise<Exchange> {
  const { retries, maxAnswerBytes, ...options } = request
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await pool.request(options)
      return { status: answer.statusCode, body: await readBounded(answer.body, maxAnswerBytes) }
    } catch (error) {
      if (attempt >= retries || options.signal.aborted || !isBrokenConnection(error)) throw error
    }
  }
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && BROKEN_CONNECTION.has(error.code)
}
