import { open, rm } from 'node:fs/promises'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { recordImageFacts, type ImageFacts, type ImageFault } from '../../../storage/media/image-facts.ts'
import type { StoredMedia } from '../../../storage/media/media.ts'
import {
  countThumbnails,
  findThumbnail,
  storeThumbnail,
  type StoredThumbnail,
  type ThumbnailForm,
} from '../../../storage/media/thumbnails.ts'
import { OneAtATime } from '../../turns/one-at-a-time.ts'
import { QueueFullError } from '../../turns/few-at-a-time.ts'
import { noSuchMedia } from '../media-errors.ts'
import type { MediaServices } from '../media-services.ts'
import { storeBlob } from '../store-file.ts'
import type { ImageResult, ImageTask } from './image-task.ts'
import { ImageWorker } from './image-worker.ts'
import { planThumbnail } from './plan-thumbnail.ts'

/** By their first bytes. */
const IMAGE_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/gif',
  'image/webp',
])
/** With `dynamic_thumbnails`, whoever asks chooses how many there are; beyond this the configured sizes serve. */
const MAX_EXACT_FORMS = 32

/** Makes thumbnails, each once, and finds those that were made. */
export class Thumbnails {
  readonly #worker: ImageWorker
  readonly #making = new OneAtATime()

  constructor(worker = new ImageWorker()) {
    this.#worker = worker
  }

  /** Whether thumbnails can be made of media, as far as its first bytes tell. */
  isImage({ sniffedType }: Pick<StoredMedia, 'sniffedType'>): boolean {
    return sniffedType !== undefined && IMAGE_TYPES.has(sniffedType)
  }

  /**
   * The thumbnail that answers a wish.
   *
   * @returns `original` where the image itself is the answer.
   * @throws MatrixError 400 M_UNKNOWN for what is no image that can be made smaller; 413 M_TOO_LARGE for one with too
   *   many pixels, 502 for another server's; 429 while too many wait for theirs.
   */
  async find(
    services: MediaServices,
    media: StoredMedia,
    wish: ThumbnailForm,
  ): Promise<StoredThumbnail | 'original'> {
    if (!this.isImage(media)) throw cannotShrink()
    const facts = await this.factsOf(services, media)
    if ('fault' in facts) throw await faultError(services, media, facts.fault)
    const form = planThumbnail(facts, wish, await this.#sizes(services, media))
    if (form === 'original') return form
    const key = `${media.nid} ${form.width} ${form.height} ${form.method} ${form.animated}`
    return (
      (await findThumbnail(services.queries, media.nid, form)) ??
      (await this.#making.take(
        key,
        async () =>
          (await findThumbnail(services.queries, media.nid, form)) ?? this.#make(services, media, form),
      ))
    )
  }

  /** Makes what is configured of an image, before anybody asks. */
  async makeAll(services: MediaServices, media: StoredMedia): Promise<void> {
    for (const size of services.config.thumbnailSizes) {
      await this.find(services, media, { ...size, animated: false })
    }
  }

  close(): void {
    this.#worker.close()
  }

  async #sizes({ queries, config }: MediaServices, media: StoredMedia) {
    const exact = config.exactThumbnails && (await countThumbnails(queries, media.nid)) < MAX_EXACT_FORMS
    return exact ? undefined : config.thumbnailSizes
  }

  /** What an image is, looked at once. @throws MatrixError 429 while too many wait. */
  async factsOf(services: MediaServices, media: StoredMedia): Promise<ImageFacts> {
    if (media.image) return media.image
    const facts = await this.#run(services, media)
    await recordImageFacts(services.queries, media.nid, facts)
    return facts
  }

  async #make(services: MediaServices, media: StoredMedia, form: ThumbnailForm): Promise<StoredThumbnail> {
    const output = await services.staging.newPath()
    try {
      const result = await this.#run(services, media, { ...form, output })
      if ('fault' in result || !result.made) {
        const fault = 'fault' in result ? result.fault : 'undecodable'
        await recordImageFacts(services.queries, media.nid, { fault })
        throw await faultError(services, media, fault)
      }
      await makeDurable(output)
      const blob = await storeBlob(services, output)
      const thumbnail = { ...result.made, blob }
      if (await storeThumbnail(services.queries, media.nid, form, thumbnail)) return thumbnail
      throw noSuchMedia()
    } finally {
      await rm(output, { force: true })
    }
  }

  async #run(
    { blobs, config }: MediaServices,
    media: StoredMedia,
    make?: ImageTask['make'],
  ): Promise<ImageResult> {
    await using file = await blobs.asFile(media.blob)
    try {
      return await this.#worker.run({
        path: file.path,
        maxPixels: config.maxImagePixels,
        ...(make && { make }),
      })
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error
      throw new MatrixError(429, 'M_LIMIT_EXCEEDED', 'Too many thumbnails are being made; try again soon')
    }
  }
}

async function makeDurable(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  await handle.sync()
  await handle.close()
}

function cannotShrink(): MatrixError {
  return new MatrixError(400, 'M_UNKNOWN', 'No thumbnail can be made of this')
}

async function faultError(
  { interner, serverName }: MediaServices,
  media: StoredMedia,
  fault: ImageFault,
): Promise<MatrixError> {
  if (fault === 'undecodable') return cannotShrink()
  const own = media.serverNid === (await interner.serverNid(serverName))
  return new MatrixError(own ? 413 : 502, 'M_TOO_LARGE', 'The image has too many pixels for a thumbnail')
}
