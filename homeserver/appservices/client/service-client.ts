import { readBounded } from '../../outgoing/read-bounded.ts'
import type { AppService } from '../registration/app-service.ts'

/** Third-party look-ups may list many; what is longer nobody reads. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
/** After this time a service that only knew the old paths is asked by the new ones again: it may have been updated. */
const LEGACY_MS = 3_600_000
/** Answers by which a service says, or may say, that it does not know a path (application service API, "Legacy routes"). */
const UNKNOWN_PATH = new Set([404, 405, 500, 501])

/** One request to a service. */
export interface ServiceCall {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Encoded. */
  readonly path: string
  readonly query?: URLSearchParams
  /** JSON text. */
  readonly body?: string | Buffer
  readonly timeoutMs: number
  /** The path in older drafts; undefined for what they did not have. */
  readonly legacyPath?: string
}

/** What a service answers. */
export interface ServiceAnswer {
  readonly status: number
  readonly body: string
}

/** Calls application services: by their `hs_token`, without redirects, within bounds of time and size. */
export class ServiceClient {
  readonly #legacyUntil = new Map<AppService, number>()

  /**
   * Makes a request; where the service does not know the path, again by the one of older drafts.
   *
   * @throws Error when the service cannot be reached, takes too long or answers too much; it has no token in it.
   */
  async call(service: AppService, call: ServiceCall): Promise<ServiceAnswer> {
    const { path, legacyPath } = call
    if (legacyPath === undefined) return this.#send(service, call, path)
    if ((this.#legacyUntil.get(service) ?? 0) > Date.now()) {
      const answer = await this.#send(service, call, legacyPath)
      if (isSuccess(answer)) return answer
      this.#legacyUntil.delete(service)
    }
    const answer = await this.#send(service, call, path)
    if (!UNKNOWN_PATH.has(answer.status)) return answer
    const older = await this.#send(service, call, legacyPath)
    if (!isSuccess(older)) return answer
    this.#legacyUntil.set(service, Date.now() + LEGACY_MS)
    return older
  }

  async #send(service: AppService, call: ServiceCall, path: string): Promise<ServiceAnswer> {
    const { url, hsToken } = service
    if (url === undefined) throw new Error(`the application service ${service.id} has no address`)
    const query = new URLSearchParams(call.query)
    // Services of older drafts look for it there, and nowhere else.
    if (path === call.legacyPath) query.set('access_token', hsToken)
    const response = await fetch(`${url}${path}${query.size > 0 ? `?${query.toString()}` : ''}`, {
      method: call.method,
      headers: {
        authorization: `Bearer ${hsToken}`,
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(call.timeoutMs),
      ...(call.body !== undefined && { body: call.body }),
    })
    const body =
      response.body === null ? '' : (await readBounded(chunks(response.body), MAX_ANSWER_BYTES)).toString()
    return { status: response.status, body }
  }
}

/** Whether a service took what it was sent. */
export function isSuccess({ status }: Pick<ServiceAnswer, 'status'>): boolean {
  return status >= 200 && status < 300
}

async function* chunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk)
}
