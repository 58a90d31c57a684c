import { z } from 'zod'
import { addressRange, PRIVATE_RANGES } from '../values/address-range.ts'
import { size } from '../values/size.ts'
import { urlPattern, type UrlPattern } from '../values/url-pattern.ts'
import { KNOWN_PROVIDERS, type OembedProvider } from '../../media/url-previews/oembed-providers.ts'
import { ConfigError } from '../config-error.ts'

/** Previews of the pages that people link to. */
export const urlPreviewKeys = {
  url_preview_enabled: z.boolean().default(false),
  url_preview_ip_range_blacklist: z.array(addressRange).default([...PRIVATE_RANGES]),
  url_preview_ip_range_whitelist: z.array(addressRange).default([]),
  url_preview_url_blacklist: z.array(urlPattern).default([]),
  oembed: z
    .strictObject({
      disable_default_providers: z.boolean().default(false),
      additional_providers: z.array(z.string()).default([]),
    })
    .prefault({}),
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
  /** Nothing is fetched from addresses that one of these means. */
  readonly refusedUrls: readonly UrlPattern[]
  readonly oembedProviders: readonly OembedProvider[]
  readonly maxBytes: number
  /** In which pages are asked for, the preferred first. */
  readonly languages: readonly string[]
}

/** A file of providers, in the form of oembed.com's list. Providers without schemes are found by their pages alone. */
const providerFile = z.array(
  z.looseObject({
    endpoints: z.array(
      z.looseObject({ schemes: z.array(z.string()).default([]), url: z.url({ protocol: /^https?$/ }) }),
    ),
  }),
)

/**
 * @param readText the text of a file that the configuration names.
 * @throws ConfigError for a file that is no list of providers.
 */
export function urlPreviewConfig(keys: Keys, readText: (path: string) => string): UrlPreviewConfig {
  const { disable_default_providers: withoutKnown, additional_providers: files } = keys.oembed
  return {
    enabled: keys.url_preview_enabled,
    ipRangeBlacklist: keys.url_preview_ip_range_blacklist,
    ipRangeWhitelist: keys.url_preview_ip_range_whitelist,
    refusedUrls: keys.url_preview_url_blacklist,
    // Those of the administrator first: they may replace a known one.
    oembedProviders: [
      ...files.flatMap((path) => providersIn(path, readText(path))),
      ...(withoutKnown ? [] : KNOWN_PROVIDERS),
    ],
    maxBytes: keys.max_spider_size,
    languages: keys.url_preview_accept_language,
  }
}

function providersIn(path: string, text: string): OembedProvider[] {
  const file = providerFile.safeParse(parseList(text))
  if (!file.success)
    throw new ConfigError(`oembed.additional_providers: ${path} is no list of oEmbed providers`)
  return file.data.flatMap(({ endpoints }) =>
    endpoints.map(({ schemes, url }) => ({ schemes, endpoint: url })),
  )
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
