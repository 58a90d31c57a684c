import { Pool } from 'undici'

/** A long poll may stay silent for its whole timeout; an answer later than this is a hung server. */
const ANSWER_LIMIT_MS = 120_000

/** Idle sockets outlive the pauses between two scenarios, so that no sample pays for a new connection. */
const KEEP_ALIVE_MS = 60_000

/** More than any scenario has requests in flight (50 long polls, their sender and set-up). */
const CONNECTIONS = 128

export type Method = 'GET' | 'PUT' | 'POST'

export interface Answer {
  status: number
  text: string
}

/** An answer other than 200, or one that no JSON can be read from. */
export class RequestFailed extends Error {
  readonly status: number

  constructor(method: Method, path: string, answer: Answer) {
    super(`${method} ${path.split('?')[0]} answered ${answer.status}: ${answer.text.slice(0, 200)}`)
    this.name = 'RequestFailed'
    this.status = answer.status
  }
}

/** One homeserver's client API over kept-alive HTTP/1.1 connections. */
export class HttpClient {
  readonly #pool: Pool

  /** @param url origin of the homeserver, such as `http://127.0.0.1:8008` */
  constructor(url: string) {
    this.#pool = new Pool(url, {
      connections: CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: ANSWER_LIMIT_MS,
      bodyTimeout: ANSWER_LIMIT_MS,
    })
  }

  /**
   * Sends one request and reads its whole answer, without judging it.
   * @param body sent as JSON when given
   */
  async send(
    method: Method,
    path: string,
    token?: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const headers: Record<string, string> = {}
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    const response = await this.#pool.request({
      method,
      path,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    return { status: response.statusCode, text: await response.body.text() }
  }

  /**
   * Sends one request and returns its JSON answer, trusted to be of the shape the specification gives it.
   * @throws RequestFailed for any status but 200
   */
  async json<T>(
    method: Method,
    path: string,
    token?: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<T> {
    const answer = await this.send(method, path, token, body, signal)
    if (answer.status !== 200) throw new RequestFailed(method, path, answer)
    return JSON.parse(answer.text) as T
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }
}
