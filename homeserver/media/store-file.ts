import { newBlobKey, type BlobKey } from '../../storage/media/blobs/blob-key.ts'
import { announceBlob } from '../../storage/media/loose-blobs.ts'
import type { NewContent } from '../../storage/media/media-writer.ts'
import type { StagedFile } from '../../storage/media/blobs/staging.ts'
import type { MediaServices } from './media-services.ts'
import { sniffType } from './sniff-type.ts'

/** What a sender says of a file, bounded and free of control characters. */
export interface FileLabel {
  readonly contentType: string
  readonly fileName: string | undefined
}

/** Makes a durable blob of a file; the row that names it is still to be written, and takes it into use. */
export async function storeBlob(
  { queries, blobs, now }: Pick<MediaServices, 'queries' | 'blobs' | 'now'>,
  path: string,
): Promise<BlobKey> {
  const key = newBlobKey()
  await announceBlob(queries, key, now())
  await blobs.put(key, path)
  return key
}

/** The same for content with a row of its own. */
export async function storeContent(
  services: MediaServices,
  staged: StagedFile,
  label: FileLabel,
): Promise<NewContent> {
  const { config, now } = services
  const sniffedType = await sniffType(staged.head)
  const blob = await storeBlob(services, staged.path)
  const storedTs = now()
  const { authenticatedFromTs } = config
  return {
    ...label,
    blob,
    size: staged.size,
    sha256: staged.sha256,
    sniffedType,
    authenticated: authenticatedFromTs !== undefined && storedTs >= authenticatedFromTs,
    storedTs,
  }
}
