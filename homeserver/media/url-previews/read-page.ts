import { Parser } from 'htmlparser2'

/** Elements that are looked at: more are a page made to be expensive. What has been found until then counts. */
const MAX_ELEMENTS = 100_000
/** Of any single value. */
const MAX_VALUE_LENGTH = 1_000
/** Of the text that stands in for a description. */
const MAX_TEXT_LENGTH = 500
/** Elements whose text nobody reads. */
const SILENT: ReadonlySet<string> = new Set(['script', 'style', 'noscript', 'template', 'nav', 'header', 'footer', 'aside', 'svg']) // prettier-ignore

/** What a page says about itself. */
export interface PageFacts {
  /** `og:*` and `twitter:*` of its `meta` elements, and `description`; the first of each. */
  readonly meta: ReadonlyMap<string, string>
  readonly title: string
  /** The beginning of what its paragraphs say. */
  readonly text: string
  /** Where its oEmbed answer is (oembed.com, "Discovery"). */
  readonly oembed: string | undefined
  readonly charset: string | undefined
}

/** Reads a page in one pass, without a tree of it, so that its depth costs nothing. */
export function readPage(html: string): PageFacts {
  const meta = new Map<string, string>()
  let title = ''
  let text = ''
  let oembed: string | undefined
  let charset: string | undefined
  let elements = 0
  let silent = 0
  let paragraph = 0
  let inTitle = false
  const parser = new Parser({
    onopentag(name, attributes) {
      if (++elements > MAX_ELEMENTS) return parser.pause()
      if (SILENT.has(name)) silent += 1
      if (name === 'title' && title === '') inTitle = true
      if (name === 'p') paragraph += 1
      if (name === 'link' && isOembed(attributes)) oembed ??= attributes['href']
      if (name !== 'meta') return
      charset ??= attributes['charset'] ?? /charset=([\w-]+)/i.exec(attributes['content'] ?? '')?.[1]
      const key = (attributes['property'] ?? attributes['name'] ?? '').toLowerCase()
      const value = tidy(attributes['content'] ?? '')
      if (/^(og:|twitter:|description$)/.test(key) && value !== '' && !meta.has(key)) meta.set(key, value)
    },
    ontext(piece) {
      if (inTitle && title.length < MAX_VALUE_LENGTH) title += piece
      else if (paragraph > 0 && silent === 0 && text.length < MAX_TEXT_LENGTH) text += piece
    },
    onclosetag(name) {
      if (SILENT.has(name)) silent = Math.max(0, silent - 1)
      if (name === 'title') inTitle = false
      if (name !== 'p' || paragraph === 0) return
      paragraph -= 1
      text += '\n'
    },
  })
  parser.write(html)
  parser.end()
  return { meta, title: tidy(title), text: tidy(text).slice(0, MAX_TEXT_LENGTH), oembed, charset }
}

function isOembed({ rel = '', type = '' }: Record<string, string>): boolean {
  return /\balternate\b/i.test(rel) && type.toLowerCase() === 'application/json+oembed'
}

/** One line of sound text, of bounded length. */
function tidy(text: string): string {
  return text
    .slice(0, 4 * MAX_VALUE_LENGTH)
    .toWellFormed()
    .replaceAll('\0', '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_VALUE_LENGTH)
}
