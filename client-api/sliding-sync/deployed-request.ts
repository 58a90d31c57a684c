import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import type { RequiredState, StatePattern } from '../../homeserver/sliding-sync/required-state.ts'
import type { ListRequest, SlidingRequest } from '../../homeserver/sliding-sync/sliding-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { optionalFlag } from '../http/body-fields.ts'
import {
  commonRequest,
  filterIn,
  MAX_LISTS,
  MAX_REQUIRED_STATE,
  rangeOf,
  roomConfigIn,
} from './common-request.ts'
import { listField, objectsField } from './request-fields.ts'

/** Clients keep all rooms subscribed that they have shown lately. */
const MAX_SUBSCRIPTIONS = 1_000
const MAX_LIST_KEY_BYTES = 64
/** Clients send one. */
const MAX_RANGES = 100

/** Reads a request in the deployed form, `org.matrix.simplified_msc3575`. @throws MatrixError 400. */
export async function readDeployedRequest(
  request: IncomingRequest,
  viewer: Session,
): Promise<Omit<SlidingRequest, 'signal'>> {
  const body = await request.object()
  const stateOf = (config: JsonObject): RequiredState => requiredStateIn(config, viewer.userId)
  const lists = objectsField(body, 'lists', MAX_LISTS).map(([key, list]): [string, ListRequest] => {
    if (Buffer.byteLength(key) > MAX_LIST_KEY_BYTES) {
      throw new MatrixError(400, 'M_INVALID_PARAM', `Keys of lists have ${MAX_LIST_KEY_BYTES} bytes at most`)
    }
    const ranges = listField(list, 'ranges', MAX_RANGES)?.map(rangeOf)
    return [
      key,
      {
        filter: filterIn(list, 'is_invite'),
        ranges: optionalFlag(list, 'slow_get_all_rooms') === true ? undefined : ranges,
        config: roomConfigIn(list, stateOf(list)),
      },
    ]
  })
  const subscriptions = objectsField(body, 'room_subscriptions', MAX_SUBSCRIPTIONS)
  return {
    ...commonRequest(body, viewer, request.query('pos')),
    lists: new Map(lists),
    subscriptions: new Map(subscriptions.map(([id, config]) => [id, roomConfigIn(config, stateOf(config))])),
    timeoutMs: timeoutOf(request),
  }
}

/**
 * Pairs of type and state key, with `*` for all and `$ME` for the user. `["m.room.member", "$LAZY"]` asks for members
 * as the timeline needs them, unless all are asked for by `["m.room.member", "*"]`.
 */
function requiredStateIn(config: JsonObject, userId: string): RequiredState {
  const include: StatePattern[] = []
  let lazy = false
  let allMembers = false
  for (const entry of listField(config, 'required_state', MAX_REQUIRED_STATE) ?? []) {
    const [type, stateKey] = Array.isArray(entry) && entry.length === 2 ? entry : []
    if (typeof type !== 'string' || typeof stateKey !== 'string') {
      throw new MatrixError(400, 'M_BAD_JSON', '`required_state` must be a list of types with state keys')
    }
    if (type === 'm.room.member' && stateKey === '$LAZY') lazy = true
    else {
      include.push({
        ...(type !== '*' && { type }),
        ...(stateKey !== '*' && { stateKey: stateKey === '$ME' ? userId : stateKey }),
      })
      allMembers ||= type === 'm.room.member' && stateKey === '*'
    }
  }
  return { include, exclude: [], lazyMembers: lazy && !allMembers }
}

function timeoutOf(request: IncomingRequest): number {
  const text = request.query('timeout')
  if (text === undefined) return 0
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new MatrixError(400, 'M_INVALID_PARAM', '`timeout` must be a number of milliseconds')
}
