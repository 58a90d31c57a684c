import type { Queries } from '../../storage/database.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { BlobStore } from '../../storage/media/blobs/blob-store.ts'
import type { Staging } from '../../storage/media/blobs/staging.ts'
import type { MediaConfig } from '../config/sections/media.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import type { AccessTimes } from './access-times.ts'
import type { Arrivals } from './arrivals.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { RemoteCopies } from './remote-copies.ts'
import type { UrlPreviews } from './url-previews/url-previews.ts'
import type { Thumbnails } from './thumbnails/thumbnails.ts'

/** What media is stored in and served from. Built in homeserver/context/open-media.ts. */
export interface MediaServices {
  readonly serverName: string
  readonly queries: Queries
  readonly interner: Interner
  readonly blobs: BlobStore
  readonly staging: Staging
  readonly config: MediaConfig
  readonly limits: Pick<RateLimits, 'mediaCreate'>
  readonly remote: RemoteCopies
  readonly thumbnails: Thumbnails
  /** Undefined where none are made. */
  readonly urlPreviews: UrlPreviews | undefined
  readonly jobs: Pick<JobRunner, 'schedule'>
  readonly arrivals: Arrivals
  readonly accesses: AccessTimes
  /** Content URIs that stay open to everybody: icons of the login page. */
  readonly publicUris: ReadonlySet<string>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}
