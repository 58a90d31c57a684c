import { DEFAULT_PORT, type Endpoint, type ResolvedServer } from './resolved-server.ts'
import { parseServerAddress, type ServerAddress } from './server-address.ts'

/** Finds out how to reach a server. Rejects with {@link UnresolvableServerError}. */
export type ResolveServerName = (serverName: string) => Promise<ResolvedServer>

/** The name is none that any server can have. */
export class UnresolvableServerError extends Error {
  constructor(serverName: string) {
    super(`"${serverName}" is not a server name`)
    this.name = 'UnresolvableServerError'
  }
}

export interface DiscoveryOptions {
  /** Servers for which nothing is looked up. */
  readonly peers: ReadonlyMap<string, ResolvedServer>
  /** What a host's well-known document delegates to, or undefined. */
  readonly delegate: (host: string) => Promise<string | undefined>
  /** The endpoints of a host's SRV records, in order; empty when it has none. */
  readonly services: (host: string) => Promise<readonly Endpoint[]>
}

/** The six steps of the server-server API, "Resolving server names". Addresses are looked up on connecting. */
export function serverNameResolver(options: DiscoveryOptions): ResolveServerName {
  const bySrvOrDefault = async (host: string): Promise<ResolvedServer> => {
    const services = await options.services(host)
    const endpoints = services.length > 0 ? services : [{ host, port: DEFAULT_PORT }]
    return { endpoints, hostHeader: host, certificateName: host, configured: false }
  }

  return async (serverName) => {
    const peer = options.peers.get(serverName)
    if (peer) return peer
    const address = parseServerAddress(serverName)
    if (!address) throw new UnresolvableServerError(serverName)
    // Steps 1 and 2
    if (isDirect(address)) return direct(serverName, address)
    // Step 3
    const delegate = await options.delegate(address.host)
    const delegated = delegate === undefined ? undefined : parseServerAddress(delegate)
    // Steps 4 to 6
    if (delegate === undefined || !delegated) return bySrvOrDefault(address.host)
    // Steps 3.1 and 3.2, then 3.3 to 3.5
    return isDirect(delegated) ? direct(delegate, delegated) : bySrvOrDefault(delegated.host)
  }
}

/** An IP literal or an explicit port says where to connect; nothing is left to look up. */
function isDirect(address: ServerAddress): boolean {
  return address.isIpLiteral || address.port !== undefined
}

function direct(name: string, address: ServerAddress): ResolvedServer {
  return {
    endpoints: [{ host: address.host, port: address.port ?? DEFAULT_PORT }],
    hostHeader: name,
    certificateName: address.host,
    configured: false,
  }
}
