import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { ThirdPartyKind } from '../../homeserver/appservices/third-party/third-party-networks.ts'
import { json, type Answer } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

const V3 = '/_matrix/client/v3/thirdparty'
/** The query of a search goes on to the services, but for what is meant for this server. */
const OWN_PARAMETERS = ['access_token', 'user_id', 'device_id', 'org.matrix.msc3202.device_id']

/** Networks that are bridged (client-server API, "Third-party networks"). */
export function thirdPartyRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(`${V3}/protocols`, user(getProtocols(context)))
    .get(`${V3}/protocol/:protocol`, user(getProtocol(context)))
    .get(`${V3}/location/:protocol`, user(search(context, 'location')))
    .get(`${V3}/user/:protocol`, user(search(context, 'user')))
    .get(`${V3}/location`, user(lookUp(context, 'location', 'alias')))
    .get(`${V3}/user`, user(lookUp(context, 'user', 'userid')))
}

function getProtocols({ accounts }: ClientApiContext): Handler<Session> {
  return async () => json(await accounts.appServices.thirdParty.protocols())
}

function getProtocol({ accounts }: ClientApiContext): Handler<Session> {
  return async (request) => {
    const protocol = await accounts.appServices.thirdParty.protocol(request.param('protocol'))
    if (!protocol) throw unknownProtocol()
    return json(protocol)
  }
}

function search({ accounts }: ClientApiContext, kind: ThirdPartyKind): Handler<Session> {
  return async (request) => {
    const protocol = request.param('protocol')
    if (!accounts.appServices.thirdParty.knows(protocol)) throw unknownProtocol()
    const fields = new URLSearchParams(request.target.split('?').slice(1).join('?'))
    for (const name of OWN_PARAMETERS) fields.delete(name)
    return foundOrNot(await accounts.appServices.thirdParty.search(kind, protocol, fields))
  }
}

function lookUp({ accounts }: ClientApiContext, kind: ThirdPartyKind, parameter: string): Handler<Session> {
  return async (request) => {
    const id = request.query(parameter)
    if (id === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${parameter}\` is missing`)
    return foundOrNot(await accounts.appServices.thirdParty.lookUp(kind, id))
  }
}

function foundOrNot(found: readonly JsonObject[]): Answer {
  if (found.length > 0) return json(found)
  throw new MatrixError(404, 'M_NOT_FOUND', 'No bridge knows anything like this')
}

function unknownProtocol(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'No bridge here speaks this protocol')
}
