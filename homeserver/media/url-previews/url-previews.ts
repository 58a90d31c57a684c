import { createHash } from 'node:crypto'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { mxcUri } from '../../../protocol/identifiers/mxc-uri.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonValue } from '../../../protocol/json/value.ts'
import { storeCopy } from '../../../storage/media/media-writer.ts'
import { findUrlPreview, storeUrlPreview } from '../../../storage/media/url-previews.ts'
import type { UrlPreviewConfig } from '../../config/sections/url-previews.ts'
import { readBounded } from '../../outgoing/read-bounded.ts'
import { FewAtATime, QueueFullError } from '../../turns/few-at-a-time.ts'
import { OneAtATime } from '../../turns/one-at-a-time.ts'
import type { MediaServices } from '../media-services.ts'
import { newMediaId } from '../new-media-id.ts'
import { essenceOf } from '../serving/inline-types.ts'
import { storeContent } from '../store-file.ts'
import { summarise, type PageSummary } from './page-summary.ts'
import { OembedProviders } from './oembed-providers.ts'
import { readPage, type PageFacts } from './read-page.ts'
import { fetchableUrl, type WebFetcher, type WebFile } from './web-fetcher.ts'

/** The answer for an address serves everybody for so long. */
const FRESH_MS = 3_600_000
/** Page, oEmbed and image together; a person waits. */
const TIMEOUT_MS = 15_000
const MAX_PREVIEWS = 8
const MAX_WAITING = 100
/** What is read of a page; what describes it stands at its beginning. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024
const MAX_OEMBED_BYTES = 256 * 1024
const PAGES: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml'])
const ACCEPT_PAGES = 'text/html, application/xhtml+xml;q=0.9, image/*;q=0.8, */*;q=0.1'

type Fields = Record<string, string | number>

/** Makes previews of pages (client-server API, `GET /media/preview_url`), one at a time of each. */
export class UrlPreviews {
  readonly #web: WebFetcher
  readonly #config: UrlPreviewConfig
  readonly #providers: OembedProviders
  readonly #turns = new FewAtATime(MAX_PREVIEWS, MAX_WAITING)
  readonly #byUrl = new OneAtATime()

  constructor(web: WebFetcher, config: UrlPreviewConfig) {
    this.#web = web
    this.#config = config
    this.#providers = new OembedProviders(config.oembedProviders)
  }

  /**
   * The preview of an address, as JSON text.
   *
   * @throws MatrixError 400 M_INVALID_PARAM for what is no web address, 502 M_UNKNOWN where nothing could be fetched, or
   *   nothing may be: who asks does not learn which; 429 while too many wait.
   */
  async preview(media: MediaServices, text: string): Promise<string> {
    const url = fetchableUrl(text)
    if (!url) throw new MatrixError(400, 'M_INVALID_PARAM', '`url` must be an http or https address')
    const urlHash = createHash('sha256').update(url.href).digest()
    const known = (): Promise<string | undefined> =>
      findUrlPreview(media.queries, urlHash, media.now() - FRESH_MS)
    try {
      // Before what is known: it may have been refused since.
      this.#web.requireAllowed(url)
      return (
        (await known()) ??
        (await this.#byUrl.take(
          url.href,
          async () => (await known()) ?? this.#turns.take(() => this.#make(media, url, urlHash)),
        ))
      )
    } catch (error) {
      if (error instanceof MatrixError) throw error
      if (error instanceof QueueFullError) {
        throw new MatrixError(429, 'M_LIMIT_EXCEEDED', 'Too many previews are being made; try again soon')
      }
      throw new MatrixError(502, 'M_UNKNOWN', 'No preview could be made of this address')
    }
  }

  async #make(media: MediaServices, url: URL, urlHash: Buffer): Promise<string> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const fields =
      (await this.#askProvider(media, url, signal)) ?? (await this.#lookAtPage(media, url, signal))
    const answer = JSON.stringify(fields)
    await storeUrlPreview(media.queries, { urlHash, answer, fetchedTs: media.now() })
    return answer
  }

  async #lookAtPage(media: MediaServices, url: URL, signal: AbortSignal): Promise<Fields> {
    const file = await this.#web.fetch(url, ACCEPT_PAGES, signal)
    const fields: Fields = {}
    try {
      const type = essenceOf(file.contentType)
      if (type.startsWith('image/')) await this.#storeImage(media, file, fields)
      else if (PAGES.has(type)) await this.#describe(media, file, fields, signal)
    } finally {
      file.body.on('error', () => undefined).destroy()
    }
    return fields
  }

  /** What the page's site says at an address that is known; undefined where it says nothing, and the page itself counts. */
  async #askProvider(media: MediaServices, url: URL, signal: AbortSignal): Promise<Fields | undefined> {
    const text = this.#providers.addressFor(url)
    const address = text === undefined ? undefined : fetchableUrl(text)
    const oembed = address && (await this.#readOembed(address, signal).catch(() => undefined))
    if (!isJsonObject(oembed)) return undefined
    const html = ownValue(oembed, 'html')
    const fields: Fields = {}
    await this.#sumUp(
      media,
      { page: readPage(typeof html === 'string' ? html : ''), oembed, url },
      fields,
      signal,
    )
    return Object.keys(fields).length > 0 ? fields : undefined
  }

  async #describe(media: MediaServices, file: WebFile, fields: Fields, signal: AbortSignal): Promise<void> {
    const page = readPage(await this.#readText(file))
    const oembedUrl = page.oembed === undefined ? undefined : fetchableUrl(page.oembed, file.url)
    const oembed = oembedUrl && (await this.#readOembed(oembedUrl, signal).catch(() => undefined))
    await this.#sumUp(media, { page, oembed, url: file.url }, fields, signal)
  }

  async #sumUp(
    media: MediaServices,
    { page, oembed, url }: { page: PageFacts; oembed: JsonValue | undefined; url: URL },
    fields: Fields,
    signal: AbortSignal,
  ): Promise<void> {
    const summary: PageSummary = summarise(page, oembed)
    Object.assign(fields, summary.fields)
    const imageUrl = summary.image === undefined ? undefined : fetchableUrl(summary.image, url)
    // A preview without its image is one all the same.
    if (imageUrl) await this.#fetchImage(media, imageUrl, fields, signal).catch(() => undefined)
  }

  async #readText({ body, contentType }: WebFile): Promise<string> {
    const maxBytes = Math.min(this.#config.maxBytes, MAX_PAGE_BYTES)
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= maxBytes) break
    }
    const page = Buffer.concat(chunks).subarray(0, maxBytes)
    const declared = /charset=["']?([\w-]+)/i.exec(contentType)?.[1]
    return decode(page, declared ?? readPage(page.subarray(0, 4_096).toString('latin1')).charset)
  }

  async #readOembed(url: URL, signal: AbortSignal): Promise<JsonValue> {
    const { body } = await this.#web.fetch(url, 'application/json', signal)
    return parseJson(await readBounded(body as AsyncIterable<Buffer>, MAX_OEMBED_BYTES))
  }

  async #fetchImage(media: MediaServices, url: URL, fields: Fields, signal: AbortSignal): Promise<void> {
    const file = await this.#web.fetch(url, 'image/*', signal)
    try {
      await this.#storeImage(media, file, fields)
    } finally {
      file.body.on('error', () => undefined).destroy()
    }
  }

  /** Stores an image as media of this server, so that readers fetch it from here, and describes it. */
  async #storeImage(media: MediaServices, { body }: WebFile, fields: Fields): Promise<void> {
    await using staged = await media.staging.receive(body, this.#config.maxBytes)
    const label = { contentType: 'application/octet-stream', fileName: undefined }
    const content = await storeContent(media, staged, label)
    if (content.sniffedType === undefined || !media.thumbnails.isImage(content)) return
    const serverNid = await media.interner.serverNid(media.serverName)
    const typed = { ...content, contentType: content.sniffedType }
    const stored = await storeCopy(media.queries, serverNid, newMediaId(), typed)
    if (stored.state !== 'stored') return
    fields['og:image'] = mxcUri(media.serverName, stored.mediaId)
    fields['og:image:type'] = stored.contentType
    fields['matrix:image:size'] = stored.size
    const facts = await media.thumbnails.factsOf(media, stored)
    if (!('fault' in facts))
      Object.assign(fields, { 'og:image:width': facts.width, 'og:image:height': facts.height })
  }
}

function decode(bytes: Buffer, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}
