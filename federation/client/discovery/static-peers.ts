import { parseServerAddress } from './server-address.ts'
import { DEFAULT_PORT, type ResolvedServer } from './resolved-server.ts'

/**
 * The servers whose addresses our configuration names: no look-up decides where they are, and the block list does
 * not apply. Their certificate is for the server name, as after a look-up.
 *
 * @param peers `host[:port]` by server name.
 * @throws Error when an entry is no server name or no address.
 */
export function staticPeers(peers: ReadonlyMap<string, string>): ReadonlyMap<string, ResolvedServer> {
  const resolved = new Map<string, ResolvedServer>()
  for (const [serverName, location] of peers) {
    const named = parseServerAddress(serverName)
    const place = parseServerAddress(location)
    if (!named) throw new Error(`"${serverName}" is not a server name`)
    if (!place) throw new Error(`"${location}", the address of ${serverName}, is not host:port`)
    resolved.set(serverName, {
      endpoints: [{ host: place.host, port: place.port ?? DEFAULT_PORT }],
      hostHeader: serverName,
      certificateName: named.host,
      configured: true,
    })
  }
  return resolved
}
