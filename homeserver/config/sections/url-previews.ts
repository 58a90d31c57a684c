import { z } from 'zod'
import { addressRange, PRIVATE_RANGES } from '../values/address-range.ts'
import { size } from '../values/size.ts'

/** Previews of the pages that people link to. */
export const urlPreviewKeys = {
  url_preview_enabled: z.boolean().default(false),
  url_preview_ip_range_blacklist: z.array(addressRange).default([...PRIVATE_RANGES]),
  url_preview_ip_range_whitelist: z.array(addressRange).default([]),
  max_spider_size: size.prefault('10M'),
}

type Keys = z.output<z.ZodObject<typeof urlPreviewKeys>>

export interface UrlPreviewConfig {
  readonly enabled: boolean
  readonly ipRangeBlacklist: readonly string[]
  readonly ipRangeWhitelist: readonly string[]
  readonly maxBytes: number
}

export function urlPreviewConfig(keys: Keys): UrlPreviewConfig {
  return {
    enabled: keys.url_preview_enabled,
    ipRangeBlacklist: keys.url_preview_ip_range_blacklist,
    ipRangeWhitelist: keys.url_preview_ip_range_whitelist,
    maxBytes: keys.max_spider_size,
  }
}
