import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { clientAddress } from './client-address.ts'
import { createApplication, type ApplicationOptions } from './application.ts'
import type { Routes } from './endpoint.ts'
import { RouteTable, type Aliases } from './route-table.ts'
import { asksForUpgrade, type UpgradeHandler } from './upgrade.ts'

/** A client that has not sent its headers after this long is a slowloris. */
const HEADERS_TIMEOUT_MS = 20_000
/** A whole request, uploads on a slow line included. */
const REQUEST_TIMEOUT_MS = 300_000
/** Longer than the 60 s for which common reverse proxies keep a connection, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000
/** How often the two timeouts above are looked at. */
const TIMEOUT_CHECK_INTERVAL_MS = 5_000
/** Long tokens and X-Matrix headers fit well; Node's default, named because it is a bound. */
const MAX_HEADER_BYTES = 16 * 1024

/** Where and how to listen. */
export interface ListenerOptions extends ApplicationOptions {
  readonly port: number
  readonly host?: string
  /** PEM texts; plain HTTP when left out. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Further patterns under which a declared pattern is served. */
  readonly aliases?: Aliases
  /** Who takes over connections that become WebSockets; it must have ended them before the listener closes. */
  readonly upgrades?: UpgradeHandler | undefined
}

/** A listening server. */
export interface Listener {
  readonly server: Server
  readonly port: number
  /** Stops accepting, lets running requests end for `graceMs`, then cuts them. */
  close(graceMs?: number): Promise<void>
}

/** Serves the modules' routes. Resolves once it listens. @throws the system's error, EADDRINUSE for example. */
export async function createListener(
  modules: readonly Routes[],
  options: ListenerOptions,
): Promise<Listener> {
  const application = createApplication(new RouteTable(modules, options.aliases), options)
  const { upgrades, trustForwarded } = options
  const settings = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    shouldUpgradeCallback: (message: IncomingMessage) =>
      upgrades !== undefined && asksForUpgrade(message, upgrades),
  }
  const serve = application.callback()
  const server = options.tls
    ? createTlsServer({ ...settings, ...options.tls, minVersion: 'TLSv1.2' }, serve)
    : createServer(settings, serve)
  server.on('upgrade', (message, socket, head) =>
    upgrades?.upgrade(message, socket, head, clientAddress(message, trustForwarded)),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: options.port, host: options.host }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', (error) => options.log.error({ err: error }, 'listener failed'))
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: (graceMs) => closeServer(server, graceMs),
  }
}

async function closeServer(server: Server, graceMs = 0): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
