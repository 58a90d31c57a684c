import { Pool } from 'undici'

/** Longer than anybody waits; a slower answer fails the run. */
const ANSWER_LIMIT_MS = 600_000
/** More than are ever asked at the same time. */
const CONNECTIONS = 64

/** When an answer came, in milliseconds after the request, and its size. */
export interface Timing {
  readonly firstByteMs: number
  readonly wholeMs: number
  readonly bytes: number
}

/** Asks `/sync` and throws the answers away, so that little of the machine goes into reading them. */
export class SyncClient {
  readonly #pool: Pool

  /** @param url origin of the server. */
  constructor(url: string) {
    this.#pool = new Pool(url, {
      connections: CONNECTIONS,
      pipelining: 1,
      headersTimeout: ANSWER_LIMIT_MS,
      bodyTimeout: ANSWER_LIMIT_MS,
    })
  }

  /** @throws Error for an answer other than 200. */
  async time(token: string, query: Readonly<Record<string, string>>): Promise<Timing> {
    const started = performance.now()
    const { statusCode, body } = await this.#ask(token, query)
    let firstByteMs: number | undefined
    let bytes = 0
    for await (const chunk of body) {
      firstByteMs ??= performance.now() - started
      bytes += (chunk as Buffer).length
    }
    const wholeMs = performance.now() - started
    if (statusCode !== 200) throw new Error(`sync answered ${statusCode}`)
    return { firstByteMs: firstByteMs ?? wholeMs, wholeMs, bytes }
  }

  /** The answer itself. */
  async read(token: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    return (await this.#ask(token, query)).body.json()
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }

  #ask(token: string, query: Readonly<Record<string, string>>) {
    return this.#pool.request({
      method: 'GET',
      path: `/_matrix/client/v3/sync?${new URLSearchParams({ timeout: '0', ...query })}`,
      headers: { authorization: `Bearer ${token}` },
    })
  }
}
