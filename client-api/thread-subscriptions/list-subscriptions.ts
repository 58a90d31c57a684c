import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import {
  changesJson,
  DEFAULT_CHANGES,
  MAX_CHANGES,
  parseChangesBound,
  parseChangesToken,
} from '../../homeserver/thread-subscriptions/changes-text.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { STREAM_START } from '../../storage/position/position.ts'
import { threadSubscriptionChanges } from '../../storage/relations/thread-subscription-reader.ts'
import type { ClientApiContext } from '../context.ts'

/** `GET /thread_subscriptions` (MSC4308): backwards through what sliding sync left out. */
export function listSubscriptions({ queries, sync }: ClientApiContext): Handler<Session> {
  return async (request, { userNid }) => {
    if (request.query('dir') !== 'b') {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`dir` must be "b": there is no other direction')
    }
    const limit = limitOf(request)
    const [from, to] = [request.query('from'), request.query('to')]
    const changes = await threadSubscriptionChanges(queries, userNid, {
      after: to === undefined ? STREAM_START : parseChangesBound(to, 'to'),
      upTo: sync.services.committer.head,
      before: from === undefined ? undefined : parseChangesToken(from, 'from'),
      limit: limit + 1,
      subscribedOnly: to === undefined,
    })
    const { older, ...shown } = changesJson(changes, limit)
    return json({ ...shown, end: older })
  }
}

function limitOf(request: IncomingRequest): number {
  const text = request.query('limit') ?? String(DEFAULT_CHANGES)
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return Math.min(Number(text), MAX_CHANGES)
  throw new MatrixError(400, 'M_INVALID_PARAM', '`limit` must be a positive integer')
}
