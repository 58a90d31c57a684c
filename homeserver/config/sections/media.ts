import { z } from 'zod'
import { addressRange, PRIVATE_RANGES } from '../values/address-range.ts'
import { size } from '../values/size.ts'

/** Files that people send, and previews of the pages they link to. */
export const mediaKeys = {
  media_store_path: z.string().optional(),
  max_upload_size: size.prefault('50M'),
  max_image_pixels: size.prefault('32M'),
  enable_authenticated_media: z.boolean().default(true),
  url_preview_enabled: z.boolean().default(false),
  url_preview_ip_range_blacklist: z.array(addressRange).default([...PRIVATE_RANGES]),
  url_preview_ip_range_whitelist: z.array(addressRange).default([]),
  max_spider_size: size.prefault('10M'),
}

type Keys = z.output<z.ZodObject<typeof mediaKeys>>

export interface MediaConfig {
  readonly storePath: string
  readonly maxUploadBytes: number
  readonly maxImagePixels: number
  /** Whether new media is served only to those who are logged in. */
  readonly authenticated: boolean
  readonly urlPreviews: {
    readonly enabled: boolean
    readonly ipRangeBlacklist: readonly string[]
    readonly ipRangeWhitelist: readonly string[]
    readonly maxBytes: number
  }
}

/** @param storePath where media lies, absolute. */
export function mediaConfig(keys: Keys, storePath: string): MediaConfig {
  return {
    storePath,
    maxUploadBytes: keys.max_upload_size,
    maxImagePixels: keys.max_image_pixels,
    authenticated: keys.enable_authenticated_media,
    urlPreviews: {
      enabled: keys.url_preview_enabled,
      ipRangeBlacklist: keys.url_preview_ip_range_blacklist,
      ipRangeWhitelist: keys.url_preview_ip_range_whitelist,
      maxBytes: keys.max_spider_size,
    },
  }
}
