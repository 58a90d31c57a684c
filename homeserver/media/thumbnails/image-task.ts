import type { ImageFault } from '../../../storage/media/image-facts.ts'
import type { ThumbnailForm } from '../../../storage/media/thumbnails.ts'

/** What the process that decodes images is asked for. */
export interface ImageTask {
  /** The image. */
  readonly path: string
  readonly maxPixels: number
  /** A smaller form, and where to write it; only the facts are wanted when left out. */
  readonly make?: ThumbnailForm & { readonly output: string }
}

/** What it answers. */
export type ImageResult =
  | {
      readonly width: number
      readonly height: number
      readonly animated: boolean
      /** What was written, if anything. */
      readonly made?: { readonly contentType: string; readonly size: number }
    }
  | { readonly fault: ImageFault }
