import type { ThumbnailForm } from '../../../storage/media/thumbnails.ts'
import type { ThumbnailSize } from '../../config/sections/media.ts'

/** Screens with two pixels where others have one ask for twice the largest size that the specification names. */
const LARGER_SIZES: readonly ThumbnailSize[] = [{ width: 1600, height: 1200, method: 'scale' }]

/** An image as it is. */
export interface ImageSize {
  readonly width: number
  readonly height: number
  readonly animated: boolean
}

/**
 * Which form of an image answers a wish (client-server API, "Thumbnails"): never smaller than wished, never larger
 * than the image, and still unless an animation is wished.
 *
 * @param sizes the sizes in which thumbnails are made; undefined where they are made in exactly the size that is wished.
 * @returns `original` where the image itself is the answer.
 */
export function planThumbnail(
  image: ImageSize,
  wish: ThumbnailForm,
  sizes: readonly ThumbnailSize[] | undefined,
): ThumbnailForm | 'original' {
  const animated = wish.animated && image.animated
  const stillNeeded = image.animated && !animated
  const size = sizes ? sizeFor(wish, sizes) : wish
  if (size && !isCoveredBy(image, size)) {
    return { width: size.width, height: size.height, method: size.method, animated }
  }
  if (!stillNeeded) return 'original'
  return { width: image.width, height: image.height, method: 'scale', animated: false }
}

/** The smallest size in which both sides are as long as wished; one that is scaled, where none that is cropped is. */
function sizeFor(wish: ThumbnailForm, sizes: readonly ThumbnailSize[]): ThumbnailSize | undefined {
  const fitting = [...sizes, ...LARGER_SIZES]
    .filter(({ width, height }) => width >= wish.width && height >= wish.height)
    .sort((a, b) => a.width * a.height - b.width * b.height)
  return (
    fitting.find(({ method }) => method === wish.method) ?? fitting.find(({ method }) => method === 'scale')
  )
}

/** Whether making the image this size would not make it smaller. */
function isCoveredBy(image: ImageSize, { width, height, method }: ThumbnailSize): boolean {
  return method === 'scale'
    ? width >= image.width || height >= image.height
    : width >= image.width && height >= image.height
}
