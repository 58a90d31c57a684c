import { join } from 'node:path'
import type { Logger } from 'pino'
import { diskBlobs } from '../../storage/media/blobs/disk-blobs.ts'
import type { BlobStore } from '../../storage/media/blobs/blob-store.ts'
import { layeredBlobs } from '../../storage/media/blobs/layered-blobs.ts'
import { s3Blobs } from '../../storage/media/blobs/s3-blobs.ts'
import { Staging } from '../../storage/media/blobs/staging.ts'
import type { Config } from '../config/config.ts'
import type { MediaConfig } from '../config/sections/media.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { AccessTimes } from '../media/access-times.ts'
import { Arrivals } from '../media/arrivals.ts'
import type { MediaServices } from '../media/media-services.ts'
import { RemoteCopies, type RemoteMediaSource } from '../media/remote-copies.ts'
import { thumbnailJob } from '../media/thumbnails/thumbnail-job.ts'
import { Thumbnails } from '../media/thumbnails/thumbnails.ts'
import { UrlPreviews } from '../media/url-previews/url-previews.ts'
import { WebFetcher } from '../media/url-previews/web-fetcher.ts'
import { addressRules } from '../outgoing/addresses/address-rules.ts'
import { systemResolver } from '../outgoing/addresses/system-resolver.ts'
import { guardedAgent } from '../outgoing/guarded-agent.ts'
import type { UrlPreviewConfig } from '../config/sections/url-previews.ts'
import { registerMediaUpkeep } from '../media/upkeep/register-media-upkeep.ts'
import { RateLimiter } from '../rate-limits/rate-limiter.ts'
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
  const staging = new Staging(join(storePath, 'incoming'))
  const thumbnails = new Thumbnails()
  wiring.closing.defer(() => thumbnails.close())
  const media: MediaServices = {
    serverName,
    queries,
    interner,
    blobs: openBlobs(config.media, staging, wiring.closing),
    staging,
    config: config.media,
    limits: wiring.limits,
    remote: new RemoteCopies(wiring.source, new RateLimiter(config.media.remoteDownloads)),
    thumbnails,
    urlPreviews: openUrlPreviews(config.urlPreviews, wiring.closing),
    jobs: wiring.jobs,
    arrivals: new Arrivals(),
    accesses,
    publicUris: new Set(config.sso.providers.flatMap(({ icon }) => icon ?? [])),
    now,
  }
  wiring.jobs.register(thumbnailJob(media))
  registerMediaUpkeep(wiring.jobs, media, (error) =>
    log.error({ err: error }, 'a blob of media could not be deleted'),
  )
  return media
}

/** A page, its oEmbed answer and its image are seldom more at once. */
const CONNECTIONS_PER_SITE = 4

function openUrlPreviews(config: UrlPreviewConfig, closing: AsyncDisposableStack): UrlPreviews | undefined {
  if (!config.enabled) return undefined
  const agent = guardedAgent({
    resolver: systemResolver(),
    rules: addressRules(config.ipRangeBlacklist, config.ipRangeWhitelist),
    connectionsPerOrigin: CONNECTIONS_PER_SITE,
  })
  closing.defer(() => agent.destroy())
  return new UrlPreviews(new WebFetcher(agent, config.languages, config.refusedUrls), config)
}

function openBlobs(
  { storePath, bucket }: MediaConfig,
  staging: Staging,
  closing: AsyncDisposableStack,
): BlobStore {
  const onDisk = diskBlobs(storePath)
  if (!bucket) return onDisk
  const inBucket = s3Blobs(bucket, staging)
  closing.defer(() => inBucket.close())
  return layeredBlobs(inBucket, onDisk)
}
