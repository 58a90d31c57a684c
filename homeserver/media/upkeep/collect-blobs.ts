import { deleteLooseBlob, oldestLooseBlobs } from '../../../storage/media/loose-blobs.ts'
import type { MediaServices } from '../media-services.ts'

/**
 * An upload is written, committed and answered within the five minutes that a request may take, and a download of
 * what was just removed has opened its blob long before: what is loose for longer is nobody's.
 */
export const LOOSE_FOR_MS = 3_600_000
const BATCH = 100

/**
 * Deletes blobs that no row stands for, and files in which nothing comes together any more.
 *
 * @param onError told of blobs that could not be deleted; they are tried again next time.
 * @returns how many blobs and files went.
 */
export async function collectBlobs(
  { queries, blobs, staging, now }: Pick<MediaServices, 'queries' | 'blobs' | 'staging' | 'now'>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
  looseForMs = LOOSE_FOR_MS,
): Promise<number> {
  const before = now() - looseForMs
  let collected = await staging.sweep(before)
  for (;;) {
    const keys = await oldestLooseBlobs(queries, before, BATCH)
    let deleted = 0
    for (const key of keys) {
      signal.throwIfAborted()
      try {
        if (await deleteLooseBlob(queries, key, (loose) => blobs.remove(loose))) deleted += 1
      } catch (error) {
        onError(error)
      }
    }
    collected += deleted
    if (keys.length < BATCH || deleted === 0) return collected
  }
}
