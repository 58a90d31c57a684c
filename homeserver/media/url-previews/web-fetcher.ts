import type { Readable } from 'node:stream'
import type { Agent } from 'undici'

/** From a bare domain to `www`, to HTTPS and to a language; longer chains are loops. */
const MAX_REDIRECTS = 5
const MAX_URL_LENGTH = 2_048
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const OK = 200

/** A page or a file of the web, whose bytes are still to come. */
export interface WebFile {
  /** Where it was found in the end. */
  readonly url: URL
  readonly contentType: string
  readonly body: Readable
}

/** Why nothing was fetched. */
export class WebFetchError extends Error {
  override readonly name = 'WebFetchError'
}

/**
 * Fetches from addresses that users name.
 *
 * @param agent checks the address of each connection in the moment in which it makes it; here no redirect is followed
 *   without a new connection.
 */
export class WebFetcher {
  readonly #agent: Agent
  readonly #headers: Readonly<Record<string, string>>
  readonly #refused: readonly ((url: URL) => boolean)[]

  /**
   * @param languages for `Accept-Language`, the preferred first.
   * @param refused addresses from which nothing is fetched, on no hop.
   */
  constructor(agent: Agent, languages: readonly string[], refused: readonly ((url: URL) => boolean)[]) {
    this.#agent = agent
    this.#refused = refused
    this.#headers = { 'user-agent': 'Meridian (link previews)', 'accept-language': languages.join(', ') }
  }

  /** @throws WebFetchError for an address from which nothing is fetched. */
  requireAllowed(url: URL): void {
    if (this.#refused.some((matches) => matches(url))) throw new WebFetchError(`${url.host} is not asked`)
  }

  /**
   * Fetches a file.
   *
   * @param signal ends it, body and all.
   * @throws WebFetchError for a refused address, another status than 200, too many redirects, or one to what is not fetched; and what
   *   connecting throws.
   */
  async fetch(from: URL, accept: string, signal: AbortSignal): Promise<WebFile> {
    let url = from
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      this.requireAllowed(url)
      const answer = await this.#agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'GET',
        headers: { ...this.#headers, accept },
        signal,
      })
      const header = (name: string): string | undefined => [answer.headers[name]].flat()[0]
      if (answer.statusCode === OK) {
        return { url, contentType: header('content-type') ?? '', body: answer.body }
      }
      answer.body.on('error', () => undefined).destroy()
      const next = REDIRECTS.has(answer.statusCode) ? fetchableUrl(header('location') ?? '', url) : undefined
      if (!next) throw new WebFetchError(`${url.host} answers with ${answer.statusCode}`)
      url = next
    }
    throw new WebFetchError(`more than ${MAX_REDIRECTS} redirects`)
  }
}

/** An address that may be fetched: HTTP or HTTPS, without credentials; undefined for everything else. */
export function fetchableUrl(text: string, base?: URL): URL | undefined {
  const url = text.length > MAX_URL_LENGTH ? null : URL.parse(text, base?.href)
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined
  url.hash = ''
  return url
}
