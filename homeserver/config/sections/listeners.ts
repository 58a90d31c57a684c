import { networkInterfaces } from 'node:os'
import { z } from 'zod'
import { addressRange } from '../values/address-range.ts'

const RESOURCES = ['client', 'federation', 'keys', 'media', 'openid', 'health', 'metrics'] as const
const HIGHEST_PORT = 65_535
const DEFAULT_PORT = 8008

/** What a listener serves. */
export type Resource = (typeof RESOURCES)[number]

const listener = z.strictObject({
  port: z.int().min(0).max(HIGHEST_PORT),
  type: z.enum(['http', 'metrics']).default('http'),
  tls: z.boolean().default(false),
  bind_addresses: z.array(z.string()).min(1).optional(),
  bind_address: z.string().optional(),
  x_forwarded: z.boolean().default(false),
  trusted_proxies: z.array(addressRange).optional(),
  resources: z
    .array(z.strictObject({ names: z.array(z.enum(RESOURCES)), compress: z.boolean().optional() }))
    .default([{ names: ['client', 'federation'] }]),
})

/** Where this server is reached. */
export const listenerKeys = {
  listeners: z.array(listener).min(1).optional(),
  tls_certificate_path: z.string().optional(),
  tls_private_key_path: z.string().optional(),
  pid_file: z.string().optional(),
}

type Keys = z.output<z.ZodObject<typeof listenerKeys>>

export interface ListenerConfig {
  /** 0 lets the system choose. */
  readonly port: number
  readonly tls: boolean
  readonly bindAddresses: readonly string[]
  /** Whether a reverse proxy in front names the client in X-Forwarded-For. */
  readonly xForwarded: boolean
  /** Addresses and ranges of the proxies that are believed; undefined for whoever connects. */
  readonly trustedProxies: readonly string[] | undefined
  readonly resources: ReadonlySet<Resource>
}

export interface TlsConfig {
  readonly certificatePath: string
  readonly privateKeyPath: string
}

export interface ListenersConfig {
  readonly listeners: readonly ListenerConfig[]
  readonly tls: TlsConfig | undefined
  readonly pidFile: string | undefined
}

/**
 * Loopback only: without TLS and in front of everybody, passwords would cross the network in the clear. A machine
 * without IPv6 has no `::1` to listen on.
 */
function loopbackAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.some((entry) => entry.address === '::1') ? ['127.0.0.1', '::1'] : ['127.0.0.1']
}

/** What each name stands for: as in Synapse, `client` and `federation` bring others along. */
function resourcesOf(entry: z.output<typeof listener>): Set<Resource> {
  if (entry.type === 'metrics') return new Set(['metrics'])
  const names = new Set<Resource>(entry.resources.flatMap((resource) => resource.names))
  if (names.has('client')) names.add('media')
  if (names.has('federation')) names.add('keys').add('media').add('openid')
  return names
}

/**
 * @param resolvePath makes a path of the file absolute.
 * @throws nothing: a TLS listener without certificate is refused by the schema.
 */
export function listenersConfig(keys: Keys, resolvePath: (path: string) => string): ListenersConfig {
  const { tls_certificate_path: certificate, tls_private_key_path: privateKey } = keys
  const listeners = keys.listeners ?? [listener.parse({ port: DEFAULT_PORT })]
  return {
    listeners: listeners.map((entry) => ({
      port: entry.port,
      tls: entry.tls,
      bindAddresses:
        entry.bind_addresses ?? (entry.bind_address ? [entry.bind_address] : loopbackAddresses()),
      xForwarded: entry.x_forwarded,
      trustedProxies: entry.trusted_proxies,
      resources: resourcesOf(entry),
    })),
    tls:
      certificate && privateKey
        ? { certificatePath: resolvePath(certificate), privateKeyPath: resolvePath(privateKey) }
        : undefined,
    pidFile: keys.pid_file && resolvePath(keys.pid_file),
  }
}

/** A listener that asks for TLS needs a certificate and its key. */
export function checkTls(keys: Keys, complain: (path: (string | number)[], sentence: string) => void): void {
  const index = keys.listeners?.findIndex((entry) => entry.tls) ?? -1
  if (index < 0 || (keys.tls_certificate_path && keys.tls_private_key_path)) return
  complain(
    ['listeners', index, 'tls'],
    'needs tls_certificate_path and tls_private_key_path ("meridian ca issue" makes them for a private federation)',
  )
}
