import { json } from '../../homeserver/http/answer.ts'
import { anybody, declareRoutes, endpoint, type Routes } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject, JsonValue } from '../../protocol/json/value.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import { miniServer, type MiniServer } from './mini-server.ts'
import type { PrivateNetwork } from './private-network.ts'

const SCRIPTED = {
  getMissingEvents: ['post', '/_matrix/federation/v1/get_missing_events/:roomId'],
  stateIds: ['get', '/_matrix/federation/v1/state_ids/:roomId'],
  event: ['get', '/_matrix/federation/v1/event/:eventId'],
  makeJoin: ['get', '/_matrix/federation/v1/make_join/:roomId/:userId'],
  signByPolicy: ['post', '/_matrix/policy/v1/sign'],
  userDevices: ['get', '/_matrix/federation/v1/user/devices/:userId'],
  queryKeys: ['post', '/_matrix/federation/v1/user/keys/query'],
  publicRooms: ['post', '/_matrix/federation/v1/publicRooms'],
} as const

type Scripted = keyof typeof SCRIPTED

/** An answer to a request of ours as a test looks at it. */
export interface PeerAnswer {
  readonly status: number
  readonly errcode?: string | undefined
  readonly body: JsonValue
}

/** A server whose requests and answers a test writes. Its keys and signatures are real. */
export interface ScriptedPeer {
  readonly server: MiniServer
  readonly serverName: string
  /** What it answers; 404 where nothing is set. */
  readonly answers: Partial<Record<Scripted, (request: IncomingRequest) => JsonObject | Promise<JsonObject>>>
  /** What it was asked, in order. */
  readonly asked: string[]
  /** Sends a signed request; errors are answers too. */
  request(method: 'GET' | 'PUT' | 'POST', target: string, body?: JsonObject): Promise<PeerAnswer>
  /** Sends a transaction and returns its `pdus`. */
  send(transaction: { pdus?: JsonValue[]; edus?: JsonValue[] }, txnId?: string): Promise<JsonObject>
}

let transactions = 0

/** Starts one that talks to `destination`. */
export async function scriptedPeer(
  network: PrivateNetwork,
  serverName: string,
  destination: string,
): Promise<ScriptedPeer> {
  const answers: ScriptedPeer['answers'] = {}
  const asked: string[] = []
  const server = await miniServer(network, serverName, { moreRoutes: [scriptedRoutes(answers, asked)] })
  const request: ScriptedPeer['request'] = async (method, target, body) => {
    try {
      const answer = await server.federation.transport.requestValue(destination, {
        method,
        target,
        ...(body && { body }),
        ignoreBackoff: true,
      })
      return { status: 200, body: answer }
    } catch (error) {
      if (!(error instanceof FederationRequestError) || error.status === undefined) throw error
      return { status: error.status, errcode: error.errcode, body: {} }
    }
  }
  return {
    server,
    serverName,
    answers,
    asked,
    request,
    async send({ pdus = [], edus = [] }, txnId = `t${++transactions}`) {
      const body = { origin: serverName, origin_server_ts: Date.now(), pdus, edus }
      const answer = await request('PUT', `/_matrix/federation/v1/send/${encodeURIComponent(txnId)}`, body)
      if (answer.status !== 200) throw new Error(`the transaction was answered with ${answer.status}`)
      return (answer.body as { pdus: JsonObject }).pdus
    },
  }
}

function scriptedRoutes(answers: ScriptedPeer['answers'], asked: string[]): Routes {
  const routes = declareRoutes()
  for (const [name, [method, path]] of Object.entries(SCRIPTED)) {
    routes[method](
      path,
      endpoint(anybody, async (request) => {
        asked.push(name)
        const answer = answers[name as Scripted]
        if (!answer) throw new MatrixError(404, 'M_NOT_FOUND', 'Not in the script')
        return json(await answer(request))
      }),
    )
  }
  return routes
}
