import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { parseFilter } from '../../homeserver/filters/parse-filter.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import { limitOf } from '../history/page-parameters.ts'

/** Where an answer of `/sync` holds the rooms of each membership that this one tells of. */
const MEMBERSHIPS = ['join', 'invite', 'knock', 'leave'] as const

/** `GET /initialSync`, deprecated: what a first `/sync` says, in the older order. */
export function getInitialSync({ sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const timeline = { limit: Math.max(1, limitOf(request)) }
    const includeLeave = request.query('archived') === 'true'
    const answer = await sync.answer({
      viewer,
      since: undefined,
      filter: parseFilter({ room: { timeline, include_leave: includeLeave } }),
      fullState: false,
      stateKey: 'state_after',
      timeoutMs: 0,
    })
    const synced = parseJson(answer)
    const end = at(synced, 'next_batch') ?? ''
    return json({
      end,
      presence: eventsIn(synced, 'presence'),
      account_data: eventsIn(synced, 'account_data'),
      rooms: MEMBERSHIPS.flatMap((membership) =>
        Object.entries(objectAt(at(synced, 'rooms'), membership)).map(([roomId, room]) =>
          roomInfo(roomId, membership, room, end),
        ),
      ),
    })
  }
}

/** Of invites and knocks only that they are there: their stripped state has no place in the older form. */
function roomInfo(roomId: string, membership: string, room: JsonValue, end: JsonValue): JsonObject {
  if (membership === 'invite' || membership === 'knock') return { room_id: roomId, membership }
  const inRoom = (events: JsonValue[]): JsonValue[] =>
    events.map((event) => (isJsonObject(event) ? { ...event, room_id: roomId } : event))
  return {
    room_id: roomId,
    membership,
    state: inRoom(eventsIn(room, 'state_after')),
    account_data: eventsIn(room, 'account_data'),
    messages: {
      start: ownValue(objectAt(room, 'timeline'), 'prev_batch') ?? end,
      end,
      chunk: inRoom(eventsIn(room, 'timeline')),
    },
  }
}

function at(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) ? ownValue(value, key) : undefined
}

function objectAt(value: JsonValue | undefined, key: string): JsonObject {
  const found = at(value, key)
  return isJsonObject(found) ? found : {}
}

function eventsIn(value: JsonValue | undefined, key: string): JsonValue[] {
  const events = ownValue(objectAt(value, key), 'events')
  return Array.isArray(events) ? events : []
}
