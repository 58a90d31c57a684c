import { z } from 'zod'
import { duration } from '../values/duration.ts'
import type { OldSigningKey } from '../old-signing-keys.ts'
import { serverName } from '../values/server-name.ts'

const DAY = '1d'

/** Who this server is, and the keys that prove it. */
export const identityKeys = {
  server_name: serverName.optional(),
  data_dir: z.string().min(1).optional(),
  public_baseurl: z
    .url({ protocol: /^https?$/, error: 'expects an URL such as https://matrix.example.org/' })
    .optional(),
  serve_server_wellknown: z.boolean().default(false),
  extra_well_known_client_content: z.record(z.string(), z.json()).default({}),
  default_identity_server: z.url({ protocol: /^https?$/ }).optional(),
  trusted_identity_servers: z.array(z.url({ protocol: /^https?$/ })).default([]),
  admin_contact: z.string().optional(),
  support_page: z.url({ protocol: /^https?$/ }).optional(),
  signing_key_path: z.string().optional(),
  old_signing_keys: z
    .record(
      z.string().regex(/^ed25519:[A-Za-z0-9_]+$/, 'expects a key id such as ed25519:a_abcd'),
      z.strictObject({ key: z.string(), expired_ts: z.int().nonnegative() }),
    )
    .default({}),
  key_refresh_interval: duration.prefault(DAY),
  trusted_key_servers: z
    .array(
      z.strictObject({
        server_name: serverName,
        verify_keys: z.record(z.string(), z.string()).optional(),
        accept_keys_insecurely: z.boolean().optional(),
      }),
    )
    .default([]),
  suppress_key_server_warning: z.boolean().default(true),
}

type Keys = z.output<z.ZodObject<typeof identityKeys>>

/** A notary whose word about other servers' keys is taken. */
export interface TrustedKeyServer {
  readonly serverName: string
  /** Key id to unpadded base64; without it the notary is known by its TLS certificate alone. */
  readonly verifyKeys: ReadonlyMap<string, string> | undefined
}

export interface IdentityConfig {
  readonly publicBaseUrl: string | undefined
  readonly serveServerWellKnown: boolean
  readonly extraWellKnownClientContent: Keys['extra_well_known_client_content']
  /** The base URL of the identity server that clients are told of. */
  readonly identityServer: string | undefined
  /** Base URLs of the identity servers that users may invite and publish addresses through. */
  readonly trustedIdentityServers: readonly string[]
  readonly adminContact: string | undefined
  readonly supportPage: string | undefined
  /** Keys that this server has signed with before, by key id. */
  readonly oldSigningKeys: ReadonlyMap<string, OldSigningKey>
  /** For how long others may keep our published keys. */
  readonly keyRefreshIntervalMs: number
  readonly trustedKeyServers: readonly TrustedKeyServer[]
}

function oldKeys(
  keys: Keys,
  retired: ReadonlyMap<string, OldSigningKey>,
  current: readonly string[],
): Map<string, OldSigningKey> {
  const all = new Map(retired)
  for (const [id, { key, expired_ts }] of Object.entries(keys.old_signing_keys)) {
    all.set(id, { key, expiredTs: expired_ts })
  }
  for (const id of current) all.delete(id)
  return all
}

/**
 * @param retired keys that the server has rotated out by itself.
 * @param current ids of the keys in use, which are never old.
 */
export function identityConfig(
  keys: Keys,
  retired: ReadonlyMap<string, OldSigningKey>,
  current: readonly string[],
): IdentityConfig {
  const { public_baseurl: base } = keys
  return {
    publicBaseUrl: base && (base.endsWith('/') ? base : `${base}/`),
    serveServerWellKnown: keys.serve_server_wellknown,
    extraWellKnownClientContent: keys.extra_well_known_client_content,
    identityServer: keys.default_identity_server,
    trustedIdentityServers: [
      ...(keys.default_identity_server === undefined ? [] : [keys.default_identity_server]),
      ...keys.trusted_identity_servers,
    ],
    adminContact: keys.admin_contact,
    supportPage: keys.support_page,
    oldSigningKeys: oldKeys(keys, retired, current),
    keyRefreshIntervalMs: keys.key_refresh_interval,
    trustedKeyServers: keys.trusted_key_servers.map((server) => ({
      serverName: server.server_name,
      verifyKeys: server.verify_keys && new Map(Object.entries(server.verify_keys)),
    })),
  }
}
