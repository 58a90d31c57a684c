import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { signedEndpoint, type RequestGate } from '../signed-endpoint.ts'

/** The aliases of this server. */
export interface AliasSource {
  /** Where a local alias leads, with servers of the room; undefined for one that does not exist. */
  resolveAlias(alias: string): Promise<{ roomId: string; servers: readonly string[] } | undefined>
}

/** `GET /_matrix/federation/v1/query/directory`: the room of a local alias. */
export function queryDirectoryRoutes(gate: RequestGate, serverName: string, aliases: AliasSource): Routes {
  const routes = declareRoutes()
  routes.get(
    '/_matrix/federation/v1/query/directory',
    signedEndpoint(gate, async (request) => {
      const alias = request.query('room_alias')
      if (alias === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', 'room_alias is missing')
      const local = alias.startsWith('#') && alias.endsWith(`:${serverName}`)
      const found = local ? await aliases.resolveAlias(alias) : undefined
      if (!found) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such alias on this server')
      return json({ room_id: found.roomId, servers: found.servers })
    }),
  )
  return routes
}
