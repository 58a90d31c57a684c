/** A place to connect to: a host name or an IP address without brackets, and a TCP port. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** How to reach a server (server-server API, "Resolving server names"). */
export interface ResolvedServer {
  /** In the order in which they should be tried; SRV records give several. */
  readonly endpoints: readonly Endpoint[]
  /** The `Host` header of requests. */
  readonly hostHeader: string
  /** What the certificate must be for: a host name, or an IP address without brackets (then SNI is not sent). */
  readonly certificateName: string
  /** Named in our own configuration: the block list of addresses is for what others tell us. */
  readonly configured: boolean
}

/** Where federation is served when nothing names a port. */
export const DEFAULT_PORT = 8448
