import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isRoomId } from '../../protocol/identifiers/room-id.ts'
import { isServerName } from '../../protocol/identifiers/server-name.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'

/** Servers to join through; whoever joins tries a handful of them. */
const MAX_SERVERS = 50

/**
 * Where another server's room alias leads (server-server API, `GET /query/directory`).
 *
 * @returns undefined when the server has no such alias.
 * @throws MatrixError 502 when it cannot be asked.
 */
export async function resolveAlias(
  { client }: RemoteRoomDependencies,
  alias: string,
): Promise<{ roomId: string; servers: readonly string[] } | undefined> {
  const server = serverOf(alias)
  try {
    const { roomId, servers } = await client.queryDirectory(server, alias)
    if (!isRoomId(roomId)) return undefined
    const named = [server, ...servers].filter(isServerName)
    return { roomId, servers: [...new Set(named)].slice(0, MAX_SERVERS) }
  } catch (error) {
    if (!(error instanceof FederationRequestError)) throw error
    if (error.kind === 'refused') return undefined
    throw new MatrixError(502, 'M_UNKNOWN', `${server}, which knows the alias, could not be reached.`)
  }
}
