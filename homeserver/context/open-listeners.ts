import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { legacyAliases } from '../../client-api/http/aliases.ts'
import type { Config } from '../config/config.ts'
import type { ListenerConfig, Resource } from '../config/sections/listeners.ts'
import { addressRanges } from '../http/address-ranges.ts'
import type { ForwardedTrust } from '../http/client-address.ts'
import type { Routes } from '../http/endpoint.ts'
import { createListener } from '../http/listener.ts'
import type { UpgradeHandler } from '../http/upgrade.ts'

/** A stop waits this long for requests that are being answered. */
const DRAIN_MS = 5_000

/** The modules that each resource of a listener serves. */
export type RoutesByResource = Readonly<Partial<Record<Resource, readonly Routes[]>>>

/**
 * Listens where the configuration says, and returns the addresses as URLs.
 *
 * @param live takes over WebSockets where clients are served.
 */
export async function openListeners(
  { listeners: { listeners, tls: files } }: Config,
  routes: RoutesByResource,
  log: Logger,
  closing: AsyncDisposableStack,
  live?: UpgradeHandler,
): Promise<string[]> {
  const tls = files && {
    cert: await readFile(files.certificatePath, 'utf8'),
    key: await readFile(files.privateKeyPath, 'utf8'),
  }
  const addresses: string[] = []
  for (const listener of listeners) {
    // One module may belong to several resources of one listener; it is declared once.
    const modules = new Set([...listener.resources].flatMap((resource) => routes[resource] ?? []))
    for (const host of listener.bindAddresses) {
      const { port, close } = await createListener([...modules], {
        port: listener.port,
        host,
        log,
        trustForwarded: forwardedTrust(listener),
        aliases: legacyAliases,
        upgrades: listener.resources.has('client') ? live : undefined,
        ...(listener.tls && tls && { tls }),
      })
      closing.defer(() => close(DRAIN_MS))
      addresses.push(
        `${listener.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
      )
    }
  }
  return addresses
}

function forwardedTrust({ xForwarded, trustedProxies }: ListenerConfig): ForwardedTrust | undefined {
  if (!xForwarded) return undefined
  return trustedProxies ? { from: 'proxies', ranges: addressRanges(trustedProxies) } : { from: 'anybody' }
}
