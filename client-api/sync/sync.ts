import type { Session } from '../../homeserver/accounts/sessions.ts'
import { jsonChunks } from '../../homeserver/http/json-chunks.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { FilterFinder } from '../../homeserver/sync/find-filter.ts'
import { mayWait, type StateKey, type SyncRequest } from '../../homeserver/sync/sync-request.ts'
import { parseStreamToken } from '../../homeserver/sync/tokens.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { readPresence } from '../presence/read-presence.ts'

/** `GET /sync`. */
export function syncRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes().get('/_matrix/client/v3/sync', guest(sync(context)))
}

function sync({ sync: syncs, queries, presence }: ClientApiContext): Handler<Session> {
  const filters = new FilterFinder(queries)
  return async (request, viewer) => {
    const since = request.query('since')
    const disconnect = presence.connect(viewer, readPresence(request.query('set_presence')))
    const abandoned = new AbortController()
    const abandon = (): void => abandoned.abort()
    request.message.socket.once('close', abandon)
    try {
      const asked: SyncRequest = {
        viewer,
        since: since === undefined ? undefined : parseStreamToken(since, 'since'),
        filter: await filters.find(viewer.userNid, request.query('filter')),
        fullState: flag(request, 'full_state'),
        stateKey: stateKeyOf(request),
        timeoutMs: timeoutOf(request),
        signal: abandoned.signal,
      }
      await presence.settled(viewer.userNid)
      return mayWait(asked)
        ? jsonText(await syncs.answer(asked))
        : await jsonChunks(await syncs.chunks(asked))
    } finally {
      disconnect()
      request.message.socket.off('close', abandon)
    }
  }
}

/** Each spelling of the parameter is answered under its own key, and the stable one wins. */
function stateKeyOf(request: IncomingRequest): StateKey {
  if (flag(request, 'use_state_after')) return 'state_after'
  if (flag(request, 'org.matrix.msc4222.use_state_after')) return 'org.matrix.msc4222.state_after'
  return 'state'
}

function flag(request: IncomingRequest, name: string): boolean {
  return request.query(name) === 'true'
}

function timeoutOf(request: IncomingRequest): number {
  const text = request.query('timeout')
  if (text === undefined) return 0
  if (!/^\d{1,15}$/.test(text)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`timeout` must be a number of milliseconds')
  }
  return Number(text)
}
