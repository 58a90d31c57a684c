/** A page, or where the browser was sent that is not the server's. */
export interface TestPage {
  readonly status: number
  readonly text: string
  /** Where this page came from; for a foreign address, that address. */
  readonly url: string
  readonly headers: Headers
}

const MAX_REDIRECTS = 10
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
}

/** A browser without scripts: it keeps cookies, follows redirects on `origins` and submits forms. */
export class TestBrowser {
  readonly #origins: readonly string[]
  readonly #cookies = new Map<string, Map<string, string>>()
  /** Every address that it has been at. */
  readonly visited: string[] = []

  constructor(...origins: readonly string[]) {
    this.#origins = origins.map((origin) => new URL(origin).origin)
  }

  /** Opens an address. */
  open(url: string): Promise<TestPage> {
    return this.#go(url, {})
  }

  /** Submits the form of a page whose action ends in `action`, with further fields. */
  submit(page: TestPage, action: string, fields: Readonly<Record<string, string>> = {}): Promise<TestPage> {
    const form = formOf(page, action)
    const body = new URLSearchParams({ ...form.hidden, ...fields })
    return this.#go(form.action, { method: 'POST', body })
  }

  /** The address of the first link of a page with this text. */
  link(page: TestPage, text: string): string {
    const found = [...page.text.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)].find(
      ([, , inner]) => inner?.trim() === text,
    )
    if (!found) throw new Error(`no link ${text} in ${page.text}`)
    return new URL(decoded(found[1]!), page.url).href
  }

  /** Forgets all cookies, as another browser. */
  forget(): void {
    this.#cookies.clear()
  }

  /** The cookies of an origin, as a header. */
  cookieHeader(url: string): string {
    const cookies = this.#cookies.get(new URL(url).origin) ?? []
    return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async #go(target: string, init: RequestInit): Promise<TestPage> {
    let url = target
    let options = init
    for (let step = 0; step < MAX_REDIRECTS; step++) {
      const { origin } = new URL(url)
      this.visited.push(url)
      if (!this.#origins.includes(origin)) return { status: 0, text: '', url, headers: new Headers() }
      const cookies = this.#cookies.get(origin) ?? new Map<string, string>()
      this.#cookies.set(origin, cookies)
      const cookie = this.cookieHeader(url)
      const headers = { ...(cookie !== '' && { cookie }) }
      const response = await fetch(url, { ...options, headers, redirect: 'manual' })
      for (const line of response.headers.getSetCookie()) keep(cookies, line)
      const location = response.headers.get('location')
      const text = await response.text()
      if (location === null) return { status: response.status, text, url, headers: response.headers }
      url = new URL(location, url).href
      options = {}
    }
    throw new Error(`redirects without end at ${url}`)
  }
}

/** The hidden fields and the address of a form. */
export function formOf(page: TestPage, action: string): { action: string; hidden: Record<string, string> } {
  for (const [, target, inner] of page.text.matchAll(
    /<form [^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g,
  )) {
    const url = new URL(decoded(target!), page.url)
    if (!url.pathname.endsWith(action)) continue
    const hidden: Record<string, string> = {}
    for (const [, name, value] of inner!.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
      hidden[decoded(name!)] = decoded(value!)
    }
    return { action: url.href, hidden }
  }
  throw new Error(`no form to ${action} on ${page.url}: ${page.status} ${page.text}`)
}

function keep(cookies: Map<string, string>, line: string): void {
  const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
  if (value === '' || /max-age=0/i.test(line)) cookies.delete(name!)
  else cookies.set(name!, value!)
}

function decoded(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity]!)
}
