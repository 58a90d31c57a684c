import { join } from 'node:path'
import type { Logger } from 'pino'
import { diskBlobs } from '../../storage/media/blobs/disk-blobs.ts'
import { Staging } from '../../storage/media/blobs/staging.ts'
import type { Config } from '../config/config.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { AccessTimes } from '../media/access-times.ts'
import { Arrivals } from '../media/arrivals.ts'
import type { MediaServices } from '../media/media-services.ts'
import { RemoteCopies, type RemoteMediaSource } from '../media/remote-copies.ts'
import { registerMediaUpkeep } from '../media/upkeep/register-media-upkeep.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import type { RoomServices } from '../rooms/room-services.ts'

/** What media is built from. */
export interface MediaWiring {
  readonly config: Config
  readonly services: RoomServices
  readonly limits: RateLimits
  readonly jobs: JobRunner
  readonly source: RemoteMediaSource
  readonly log: Logger
  readonly closing: AsyncDisposableStack
}

/** Opens the store of media, and registers its upkeep. Before the start of the jobs. */
export function openMedia(wiring: MediaWiring): MediaServices {
  const { config, services, log } = wiring
  const { queries, interner, serverName, now } = services
  const { storePath } = config.media
  const accesses = new AccessTimes(queries, (error) =>
    log.warn({ err: error }, 'times of access to media were lost'),
  )
  wiring.closing.defer(() => accesses.flush())
  const media: MediaServices = {
    serverName,
    queries,
    interner,
    blobs: diskBlobs(storePath),
    staging: new Staging(join(storePath, 'incoming')),
    config: config.media,
    limits: wiring.limits,
    remote: new RemoteCopies(wiring.source),
    arrivals: new Arrivals(),
    accesses,
    publicUris: new Set(config.sso.providers.flatMap(({ icon }) => icon ?? [])),
    now,
  }
  registerMediaUpkeep(wiring.jobs, media, (error) =>
    log.error({ err: error }, 'a blob of media could not be deleted'),
  )
  return media
}
