import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { InboundContext } from '../inbound-context.ts'
import { sharedRoom } from '../resident-room.ts'
import { servedPdus } from './served-pdus.ts'
import { walkBack } from './walk-back.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** `POST /get_missing_events/{roomId}` */
const DEFAULT_LIMIT = 10
/** What deployed servers give at most. */
const MAX_LIMIT = 20
/** More edges than a room should ever have. */
const MAX_EDGES = 100

/** `POST /get_missing_events/{roomId}`: what happened between events that a server has and others that it got. */
export function getMissingEventsRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  routes.post(
    '/_matrix/federation/v1/get_missing_events/:roomId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const body = await request.object()
      const latest = eventIds(body, 'latest_events')
      const skipped = new Set(eventIds(body, 'earliest_events'))
      const limit = Math.min(count(body, 'limit') ?? DEFAULT_LIMIT, MAX_LIMIT)
      const minDepth = count(body, 'min_depth') ?? 0
      const room = await sharedRoom(context, request.param('roomId'), origin)
      const ends = await room.events(latest)
      const starts = [...ends.values()].flatMap(({ event }) => event.prevEvents)
      for (const id of latest) skipped.add(id)
      const found = await walkBack(room, starts, { limit, skipped, minDepth })
      // The caller takes them in their order, causes first.
      const ordered = found.toSorted((a, b) => a.event.depth - b.event.depth)
      return json({ events: await servedPdus(context.rooms, room, origin, ordered) })
    }),
  )
  return routes
}

function eventIds(body: JsonObject, key: string): string[] {
  const value = ownValue(body, key)
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string')) {
    throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a list of event ids`)
  }
  return value.slice(0, MAX_EDGES)
}

function count(body: JsonObject, key: string): number | undefined {
  const value = ownValue(body, key)
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a number that is not negative`)
}
