import { z } from 'zod'
import type { BucketAddress } from '../../../storage/media/blobs/s3-blobs.ts'
import type { BucketSize } from '../../rate-limits/rate-limiter.ts'
import { duration } from '../values/duration.ts'
import { serverName } from '../values/server-name.ts'
import { size } from '../values/size.ts'

const thumbnailSize = z.strictObject({
  width: z.int().min(1).max(4096),
  height: z.int().min(1).max(4096),
  method: z.enum(['crop', 'scale']),
})

/** The sizes that the specification names ("Thumbnails"), which are Synapse's too. */
const THUMBNAIL_SIZES = [
  { width: 32, height: 32, method: 'crop' },
  { width: 96, height: 96, method: 'crop' },
  { width: 320, height: 240, method: 'scale' },
  { width: 640, height: 480, method: 'scale' },
  { width: 800, height: 600, method: 'scale' },
] as const

/** Synapse's provider for S3, by whose name and keys a bucket is given. What Synapse makes of the flags is always so here. */
const storageProvider = z.strictObject({
  module: z.literal('s3_storage_provider.S3StorageProviderBackend'),
  store_local: z.literal(true).default(true),
  store_remote: z.literal(true).default(true),
  store_synchronous: z.literal(true).default(true),
  config: z
    .strictObject({
      bucket: z.string().min(1),
      region_name: z.string().min(1).default('us-east-1'),
      endpoint_url: z.url({ protocol: /^https?$/ }).optional(),
      access_key_id: z.string().min(1).optional(),
      secret_access_key: z.string().min(1).optional(),
      prefix: z.string().default(''),
    })
    .refine(
      (keys) => (keys.access_key_id === undefined) === (keys.secret_access_key === undefined),
      'takes both access_key_id and secret_access_key, or neither',
    ),
})

/** Files that people send. */
export const mediaKeys = {
  media_store_path: z.string().optional(),
  media_storage_providers: z.array(storageProvider).max(1, 'takes one provider').default([]),
  max_upload_size: size.prefault('50M'),
  media_upload_limits: z
    .array(z.strictObject({ time_period: duration, max_size: size }))
    .max(10)
    .default([]),
  max_pending_media_uploads: z.int().positive().default(5),
  unused_expiration_time: duration.prefault('24h'),
  enable_authenticated_media: z.boolean().default(true),
  authenticated_media_from: z.iso.date().optional(),
  max_image_pixels: size.prefault('32M'),
  dynamic_thumbnails: z.boolean().default(false),
  thumbnail_sizes: z
    .array(thumbnailSize)
    .max(20)
    .default([...THUMBNAIL_SIZES]),
  prevent_media_downloads_from: z.array(serverName).default([]),
  remote_media_download_per_second: size
    .prefault('87K')
    .refine((bytes) => bytes > 0, 'must be more than nothing'),
  remote_media_download_burst_count: size.prefault('500M'),
  remote_media_cache_size: size.prefault('10G'),
  media_retention: z
    .strictObject({
      local_media_lifetime: duration.optional(),
      remote_media_lifetime: duration.optional(),
    })
    .prefault({}),
}

type Keys = z.output<z.ZodObject<typeof mediaKeys>>

/** A form in which images are made smaller, in pixels. */
export type ThumbnailSize = z.output<typeof thumbnailSize>

export interface MediaConfig {
  readonly storePath: string
  /** Where new media lies instead; undefined is the path above. */
  readonly bucket: BucketAddress | undefined
  readonly maxUploadBytes: number
  /** What one user may upload in a time. */
  readonly uploadLimits: readonly { readonly periodMs: number; readonly maxBytes: number }[]
  /** Of one user, ids without content. */
  readonly maxPending: number
  readonly pendingLifetimeMs: number
  /**
   * From when on (ms since the epoch) new media is served only to those who are logged in; undefined for never.
   */
  readonly authenticatedFromTs: number | undefined
  readonly maxImagePixels: number
  /** Whether thumbnails are made in exactly the size that is asked for. */
  readonly exactThumbnails: boolean
  readonly thumbnailSizes: readonly ThumbnailSize[]
  /** Servers of which nothing is fetched. */
  readonly refusedServers: ReadonlySet<string>
  readonly remoteCacheBytes: number
  /** What one address may have fetched from other servers, in bytes. */
  readonly remoteDownloads: BucketSize
  /** Undefined is for ever. */
  readonly localLifetimeMs: number | undefined
  readonly remoteLifetimeMs: number | undefined
}

/** @param storePath where media lies, absolute. */
export function mediaConfig(keys: Keys, storePath: string): MediaConfig {
  const { authenticated_media_from: from, media_retention: retention } = keys
  const [provider] = keys.media_storage_providers
  return {
    storePath,
    bucket: provider && bucketOf(provider.config),
    maxUploadBytes: keys.max_upload_size,
    uploadLimits: keys.media_upload_limits.map((limit) => ({
      periodMs: limit.time_period,
      maxBytes: limit.max_size,
    })),
    maxPending: keys.max_pending_media_uploads,
    pendingLifetimeMs: keys.unused_expiration_time,
    authenticatedFromTs: keys.enable_authenticated_media ? (from ? Date.parse(from) : 0) : undefined,
    maxImagePixels: keys.max_image_pixels,
    exactThumbnails: keys.dynamic_thumbnails,
    thumbnailSizes: keys.thumbnail_sizes,
    refusedServers: new Set(keys.prevent_media_downloads_from),
    remoteDownloads: {
      perSecond: keys.remote_media_download_per_second,
      burstCount: keys.remote_media_download_burst_count,
    },
    remoteCacheBytes: keys.remote_media_cache_size,
    localLifetimeMs: retention.local_media_lifetime,
    remoteLifetimeMs: retention.remote_media_lifetime,
  }
}

function bucketOf(keys: z.output<typeof storageProvider>['config']): BucketAddress {
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } = keys
  return {
    bucket: keys.bucket,
    region: keys.region_name,
    endpoint: keys.endpoint_url,
    credentials:
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { accessKeyId, secretAccessKey }
        : undefined,
    prefix: keys.prefix,
  }
}
