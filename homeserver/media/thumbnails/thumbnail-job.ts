import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { mediaByNid } from '../../../storage/media/media-reader.ts'
import type { MediaNid } from '../../../storage/numeric-ids.ts'
import type { JobKind } from '../../jobs/job-kind.ts'
import type { MediaServices } from '../media-services.ts'

/** Its jobs are keyed by the number of their media. */
export const THUMBNAIL_JOB = 'media.thumbnails'

/** Makes the configured thumbnails of what was uploaded. */
export function thumbnailJob(media: MediaServices): JobKind<MediaNid> {
  return {
    kind: THUMBNAIL_JOB,
    read: (payload) => {
      if (typeof payload !== 'number') throw new TypeError('the payload is no number of media')
      return payload as MediaNid
    },
    handle: async (nid) => {
      const found = await mediaByNid(media.queries, nid)
      if (found?.state !== 'stored' || found.quarantined) return
      try {
        await media.thumbnails.makeAll(media, found)
      } catch (error) {
        // What cannot be made smaller stays so; a queue that is full is tried again later.
        if (!(error instanceof MatrixError) || error.status === 429) throw error
      }
    },
  }
}
