import sharp, { type Metadata, type Sharp } from 'sharp'
import type { ImageResult, ImageTask } from './image-task.ts'

/** Decoders that anybody's file may reach: those of the formats that thumbnails are made of, and no other. */
const DECODERS = [
  'VipsForeignLoadJpegFile',
  'VipsForeignLoadPngFile',
  'VipsForeignLoadNsgifFile',
  'VipsForeignLoadWebpFile',
]
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'gif', 'webp'])
const JPEG_QUALITY = 80
const WEBP_QUALITY = 75
/** Makes little difference to the size and is twice as fast as the default. */
const WEBP_EFFORT = 2

/** Shuts every decoder but those above, and keeps nothing between images. Once in the life of a process. */
export function restrictDecoders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: DECODERS })
  sharp.cache(false)
  sharp.concurrency(1)
}

/**
 * Looks at an image, and makes it smaller if that is wanted: never larger than it is. What is found out about it comes
 * from its header alone, before anything is decoded.
 */
export async function shrinkImage({ path, maxPixels, make }: ImageTask): Promise<ImageResult> {
  const header = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined)
  if (!header || !FORMATS.has(header.format)) return { fault: 'undecodable' }
  const { width, height } = header.autoOrient
  if (width * height > maxPixels) return { fault: 'too-large' }
  const facts = { width, height, animated: (header.pages ?? 1) > 1 }
  if (!make) return facts
  // All frames of an animation count, one above the other; one that is too much stands still.
  const animated = make.animated && width * height * (header.pages ?? 1) <= maxPixels
  try {
    const image = sharp(path, {
      limitInputPixels: maxPixels,
      failOn: 'error',
      sequentialRead: true,
      animated,
    })
    const { contentType, encode } = encodingOf(header, animated)
    const shrunk = image.autoOrient().resize({
      width: make.width,
      height: make.height,
      fit: make.method === 'crop' ? 'cover' : 'outside',
      withoutEnlargement: true,
    })
    const { size } = await encode(shrunk).toFile(make.output)
    return { ...facts, made: { contentType, size } }
  } catch {
    return { fault: 'undecodable' }
  }
}

function encodingOf(
  { format, hasAlpha }: Metadata,
  animated: boolean,
): { contentType: string; encode: (image: Sharp) => Sharp } {
  if (animated) {
    return {
      contentType: 'image/webp',
      encode: (image) => image.webp({ quality: WEBP_QUALITY, effort: WEBP_EFFORT }),
    }
  }
  return format === 'jpeg' || (format === 'webp' && !hasAlpha)
    ? { contentType: 'image/jpeg', encode: (image) => image.jpeg({ quality: JPEG_QUALITY }) }
    : { contentType: 'image/png', encode: (image) => image.png() }
}
