import { deleteExpiredReservations } from '../../../storage/media/retention.ts'
import { deleteInBatches } from '../../upkeep/delete-in-batches.ts'
import type { JobRunner } from '../../jobs/job-runner.ts'
import type { MediaServices } from '../media-services.ts'
import { collectBlobs } from './collect-blobs.ts'
import { expireMedia } from './expire-media.ts'

/** What upkeep removes may well stay for an hour. */
const INTERVAL_MS = 3_600_000

/** Has the upkeep of media done by the jobs. Before their start. */
export function registerMediaUpkeep(
  jobs: JobRunner,
  media: MediaServices,
  onError: (error: unknown) => void,
): void {
  const upkeep: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
    'media.retention': (signal) => expireMedia(media, signal),
    'media.reservations': (signal) =>
      deleteInBatches((limit) => deleteExpiredReservations(media.queries, media.now(), limit), signal),
    'media.blobs': (signal) => collectBlobs(media, signal, onError),
  }
  for (const [kind, work] of Object.entries(upkeep)) {
    jobs.register({
      kind,
      read: () => null,
      handle: async (_payload, { signal }) => {
        await work(signal)
      },
    })
    jobs.every(kind, INTERVAL_MS)
  }
}
