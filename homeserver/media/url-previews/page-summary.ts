import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import type { PageFacts } from './read-page.ts'

/** What the cards of Twitter and the fields of Open Graph share. */
const TWITTER_FOR: Readonly<Record<string, string>> = {
  'og:title': 'twitter:title',
  'og:description': 'twitter:description',
  'og:image': 'twitter:image',
  'og:site_name': 'twitter:site',
}
/** Fields of Open Graph that are passed on; addresses of films and the like are left out, for nobody checked them. */
const PASSED_ON = ['og:title', 'og:description', 'og:type', 'og:url', 'og:site_name', 'og:locale']
const MAX_OEMBED_LENGTH = 1_000

/** What a preview says of a page. */
export interface PageSummary {
  /** Open Graph fields by name. */
  readonly fields: Readonly<Record<string, string>>
  /** The address of its image, as the page gives it. */
  readonly image: string | undefined
}

/**
 * Sums a page up: by Open Graph, else by Twitter's cards, else by oEmbed, else by its title and text.
 *
 * @param oembed the page's oEmbed answer, if it has one.
 */
export function summarise(page: PageFacts, oembed: JsonValue | undefined): PageSummary {
  const embedded = isJsonObject(oembed) ? oembedFields(oembed) : {}
  const own: Readonly<Record<string, string | undefined>> = {
    'og:title': page.title || undefined,
    'og:description': page.meta.get('description') ?? (page.text || undefined),
  }
  const valueOf = (name: string): string | undefined =>
    page.meta.get(name) ?? page.meta.get(TWITTER_FOR[name] ?? '') ?? embedded[name] ?? own[name]
  const fields = PASSED_ON.flatMap((name) => {
    const value = valueOf(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const image = page.meta.get('og:image:secure_url') ?? page.meta.get('og:image:url') ?? valueOf('og:image')
  return { fields: Object.fromEntries(fields), image }
}

function oembedFields(answer: JsonObject): Readonly<Record<string, string | undefined>> {
  const text = (key: string): string | undefined => {
    const value = ownValue(answer, key)
    return typeof value === 'string' && value !== '' ? value.slice(0, MAX_OEMBED_LENGTH) : undefined
  }
  return {
    'og:title': text('title') ?? text('author_name'),
    'og:site_name': text('provider_name'),
    'og:image': text('thumbnail_url') ?? (text('type') === 'photo' ? text('url') : undefined),
  }
}
