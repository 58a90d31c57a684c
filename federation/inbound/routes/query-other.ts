import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { signedEndpoint, type RequestGate } from '../signed-endpoint.ts'

/**
 * `GET /_matrix/federation/v1/query/{queryType}`: the type of a query is one that the specification names, each an
 * endpoint of its own, or nobody here knows what is asked.
 */
export function queryOtherRoutes(gate: RequestGate): Routes {
  const routes = declareRoutes()
  routes.get(
    '/_matrix/federation/v1/query/:queryType',
    signedEndpoint(gate, () => {
      throw new MatrixError(404, 'M_UNRECOGNIZED', 'This server knows no such type of query')
    }),
  )
  return routes
}
