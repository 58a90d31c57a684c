import { z } from 'zod'
import { addressRange, PRIVATE_RANGES } from '../values/address-range.ts'
import { duration } from '../values/duration.ts'
import { serverName } from '../values/server-name.ts'

const DEFAULT_SHORT_RETRIES = 3
const DEFAULT_RETRY_MULTIPLIER = 2

/** With which servers this one speaks, and how. */
export const federationKeys = {
  federation_domain_whitelist: z.array(serverName).optional(),
  federation_domain_blacklist: z.array(z.string().min(1)).default([]),
  federation_blocked_signing_keys: z
    .array(z.string().regex(/^[A-Za-z0-9+/]{43}=?$/, 'expects an Ed25519 key in base64'))
    .default([]),
  federation_verify_certificates: z.boolean().default(true),
  federation_certificate_verification_whitelist: z.array(z.string()).default([]),
  federation_custom_ca_list: z.array(z.string()).default([]),
  federation_client_minimum_tls_version: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.enum(['1', '1.0', '1.1', '1.2', '1.3']))
    .prefault('1.2'),
  federation_static_peers: z.record(serverName, serverName).default({}),
  federation: z
    .strictObject({
      client_timeout: duration.prefault('60s'),
      max_short_retries: z.int().nonnegative().default(DEFAULT_SHORT_RETRIES),
      destination_min_retry_interval: duration.prefault('10m'),
      destination_retry_multiplier: z.number().min(1).default(DEFAULT_RETRY_MULTIPLIER),
      destination_max_retry_interval: duration.prefault('7d'),
    })
    .prefault({}),
  ip_range_blacklist: z.array(addressRange).default([...PRIVATE_RANGES]),
  ip_range_whitelist: z.array(addressRange).default([]),
  allow_public_rooms_over_federation: z.boolean().default(false),
  allow_profile_lookup_over_federation: z.boolean().default(true),
  allow_device_name_lookup_over_federation: z.boolean().default(false),
}

type Keys = z.output<z.ZodObject<typeof federationKeys>>

export interface FederationConfig {
  /** The only servers to speak with; undefined is every server. */
  readonly domainWhitelist: ReadonlySet<string> | undefined
  /** Globs of servers that are shut out. */
  readonly domainBlacklist: readonly string[]
  /** Keys of servers, in base64, that prove nothing; besides those that are known to the world. */
  readonly blockedSigningKeys: readonly string[]
  readonly verifyCertificates: boolean
  /** Globs of server names whose certificates are taken unseen. */
  readonly certificateVerificationWhitelist: readonly string[]
  /** PEM files of the authorities that are trusted instead of the system's; empty for the system's. */
  readonly customCaPaths: readonly string[]
  readonly minimumTlsVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  /** Server name to `host:port`: these are reached there, without any look-up. */
  readonly staticPeers: ReadonlyMap<string, string>
  readonly clientTimeoutMs: number
  readonly maxShortRetries: number
  readonly destinationMinRetryIntervalMs: number
  readonly destinationRetryMultiplier: number
  readonly destinationMaxRetryIntervalMs: number
  /** Ranges that are never connected to, unless they are in the white list. */
  readonly ipRangeBlacklist: readonly string[]
  readonly ipRangeWhitelist: readonly string[]
  readonly allowPublicRooms: boolean
  readonly allowProfileLookup: boolean
  readonly allowDeviceNameLookup: boolean
}

const TLS_VERSIONS = {
  '1': 'TLSv1',
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
} as const

/** @param resolvePath makes a path of the file absolute. */
export function federationConfig(keys: Keys, resolvePath: (path: string) => string): FederationConfig {
  const { federation } = keys
  return {
    domainWhitelist: keys.federation_domain_whitelist && new Set(keys.federation_domain_whitelist),
    domainBlacklist: keys.federation_domain_blacklist,
    blockedSigningKeys: keys.federation_blocked_signing_keys,
    verifyCertificates: keys.federation_verify_certificates,
    certificateVerificationWhitelist: keys.federation_certificate_verification_whitelist,
    customCaPaths: keys.federation_custom_ca_list.map(resolvePath),
    minimumTlsVersion: TLS_VERSIONS[keys.federation_client_minimum_tls_version],
    staticPeers: new Map(Object.entries(keys.federation_static_peers)),
    clientTimeoutMs: federation.client_timeout,
    maxShortRetries: federation.max_short_retries,
    destinationMinRetryIntervalMs: federation.destination_min_retry_interval,
    destinationRetryMultiplier: federation.destination_retry_multiplier,
    destinationMaxRetryIntervalMs: federation.destination_max_retry_interval,
    ipRangeBlacklist: keys.ip_range_blacklist,
    ipRangeWhitelist: keys.ip_range_whitelist,
    allowPublicRooms: keys.allow_public_rooms_over_federation,
    allowProfileLookup: keys.allow_profile_lookup_over_federation,
    allowDeviceNameLookup: keys.allow_device_name_lookup_over_federation,
  }
}
