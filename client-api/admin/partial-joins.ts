import { json, nothing } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import {
  COMPLETE_JOIN,
  retryPartialJoin,
} from '../../federation/remote-rooms/complete-join/complete-join-job.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import {
  partialJoinProgress,
  type PartialJoinProgress,
} from '../../storage/partial-joins/partial-join-progress.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

const PATH = '/_synapse/admin/v1/partial_joins'
/** Those that wait longest; who has more has one cause for all of them. */
const MAX_SHOWN = 1_000

/**
 * Rooms whose members are still being fetched after a join (MSC3902), for administrators: how far that has come, who
 * was asked in vain and when it goes on; and another attempt at once. Our own, beside Synapse's administration.
 */
export function partialJoinRoutes(
  { rooms: { services }, accounts }: ClientApiContext,
  { admin }: ClientEndpoints,
): Routes {
  return declareRoutes()
    .get(
      PATH,
      admin(async () => {
        const joins = await partialJoinProgress(services.queries, COMPLETE_JOIN, MAX_SHOWN)
        return json({ partial_joins: joins.map(described) })
      }),
    )
    .post(
      `${PATH}/:roomId/retry`,
      admin(async (request) => {
        if (!(await retryPartialJoin(services, accounts.jobs, request.param('roomId'))))
          throw new MatrixError(404, 'M_NOT_FOUND', 'No members of this room are being fetched')
        return nothing()
      }),
    )
}

function described(join: PartialJoinProgress): object {
  const [last] = join.tries
  return {
    room_id: join.roomId,
    begun_ts: join.begunTs,
    servers: join.servers,
    events_fetched: join.eventsFetched,
    events_expected: join.eventsExpected,
    attempts: join.attempts,
    running: join.isRunning,
    next_attempt_ts: join.nextTs,
    given_up_ts: join.givenUpTs,
    last_error: last?.reason ?? null,
    tried: join.tries.map(({ server, ts, reason }) => ({ server, last_ts: ts, reason })),
  }
}
