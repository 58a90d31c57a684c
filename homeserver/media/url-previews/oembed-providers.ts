import { compileGlob } from '../../../protocol/glob/compile-glob.ts'

/** A site that describes its pages at an address of its own (oembed.com, "Configuration"). */
export interface OembedProvider {
  /** Its pages: `https://*.example.org/watch*`. A star of the host stays within it. */
  readonly schemes: readonly string[]
  /** Where it describes them; `{format}` stands for the form of the answer. */
  readonly endpoint: string
}

/** Sites whose pages say nothing to who does not run their scripts, or refuse who is no browser. */
export const KNOWN_PROVIDERS: readonly OembedProvider[] = [
  {
    schemes: ['x.com', '*.x.com', 'twitter.com', '*.twitter.com'].map((host) => `https://${host}/*/status/*`),
    endpoint: 'https://publish.x.com/oembed',
  },
  {
    schemes: [
      ...['watch?*', 'shorts/*', 'live/*', 'playlist?*'].flatMap((path) =>
        ['youtube.com', '*.youtube.com'].map((host) => `https://${host}/${path}`),
      ),
      'https://youtu.be/*',
    ],
    endpoint: 'https://www.youtube.com/oembed',
  },
  {
    schemes: ['https://vimeo.com/*', 'https://player.vimeo.com/video/*'],
    endpoint: 'https://vimeo.com/api/oembed.{format}',
  },
  { schemes: ['https://open.spotify.com/*'], endpoint: 'https://open.spotify.com/oembed' },
  {
    schemes: ['https://soundcloud.com/*', 'https://on.soundcloud.com/*'],
    endpoint: 'https://soundcloud.com/oembed',
  },
  { schemes: ['https://www.tiktok.com/*/video/*'], endpoint: 'https://www.tiktok.com/oembed' },
  {
    schemes: ['https://reddit.com/r/*/comments/*', 'https://www.reddit.com/r/*/comments/*'],
    endpoint: 'https://www.reddit.com/oembed',
  },
  {
    schemes: ['https://*.flickr.com/photos/*', 'https://flic.kr/p/*'],
    endpoint: 'https://www.flickr.com/services/oembed',
  },
]

interface Rule {
  readonly isHost: (text: string) => boolean
  readonly isPath: (text: string) => boolean
  readonly endpoint: string
}

/** Finds who describes a page. */
export class OembedProviders {
  readonly #rules: readonly Rule[]

  /** @param providers the first whose scheme matches a page is asked; schemes that are no addresses are passed over. */
  constructor(providers: readonly OembedProvider[]) {
    this.#rules = providers.flatMap(({ schemes, endpoint }) =>
      schemes.flatMap((scheme) => ruleOf(scheme, endpoint) ?? []),
    )
  }

  /** Where a page is described as JSON; undefined where nobody is known to do so. */
  addressFor(page: URL): string | undefined {
    const path = page.pathname + page.search
    const rule = this.#rules.find(({ isHost, isPath }) => isHost(page.host) && isPath(path))
    if (!rule) return undefined
    const address = new URL(rule.endpoint.replaceAll('{format}', 'json'))
    address.searchParams.set('url', page.href)
    address.searchParams.set('format', 'json')
    return address.href
  }
}

function ruleOf(scheme: string, endpoint: string): Rule | undefined {
  // Lists name HTTP or HTTPS, and mean both.
  const [, host, path = '/*'] = /^https?:\/\/([^/?]+)(\/.*)?$/.exec(scheme) ?? []
  return host === undefined ? undefined : { isHost: compileGlob(host), isPath: compileGlob(path), endpoint }
}
