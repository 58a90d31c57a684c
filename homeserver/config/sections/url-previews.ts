import { z } from 'zod'
import { addressRange, PRIVATE_RANGES } from '../values/address-range.ts'
import { size } from '../values/size.ts'

/** Previews of the pages that people link to. */
export const urlPreviewKeys = {
  url_preview_enabled: z.boolean().default(false),
  url_preview_ip_range_blacklist: z.array(addressRange).default([...PRIVATE_RANGES]),
  url_preview_ip_range_whitelist: z.array(addressRange).default([]),
  max_spider_size: size.prefault('10M'),
  url_preview_accept_language: z
    .array(
      z.string().regex(/^[A-Za-z0-9*-]+(;q=[01](\.\d{1,3})?)?$/, 'expects a language such as en or de;q=0.9'),
    )
    .min(1)
    .default(['en']),
}

type Keys = z.output<z.ZodObject<typeof urlPreviewKeys>>

export interface UrlPreviewConfig {
  readonly enabled: boolean
  readonly ipRangeBlacklist: readonly string[]
  readonly ipRangeWhitelist: readonly string[]
  readonly maxBytes: number
  /** In which pages are asked for, the preferred first. */
  readonly languages: readonly string[]
}

export function urlPreviewConfig(keys: Keys): UrlPreviewConfig {
  return {
    enabled: keys.url_preview_enabled,
    ipRangeBlacklist: keys.url_preview_ip_range_blacklist,
    ipRangeWhitelist: keys.url_preview_ip_range_whitelist,
    maxBytes: keys.max_spider_size,
    languages: keys.url_preview_accept_language,
  }
}
