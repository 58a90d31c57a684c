import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import type { RequiredState, StatePattern } from '../../homeserver/sliding-sync/required-state.ts'
import type { ListRequest, SlidingRequest } from '../../homeserver/sliding-sync/sliding-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { optionalFlag, optionalText } from '../http/body-fields.ts'
import {
  commonRequest,
  filterIn,
  MAX_LISTS,
  MAX_REQUIRED_STATE,
  rangeOf,
  roomConfigIn,
} from './common-request.ts'
import { countField, listField, objectField, objectsField } from './request-fields.ts'

const MAX_SUBSCRIPTIONS = 100
/** An opaque identifier (appendices, "Opaque Identifiers"). */
const LIST_KEY = /^[0-9A-Za-z\-._~]{1,255}$/

/** Reads a request in the accepted form, `POST /v4/sync` (MSC4186). @throws MatrixError 400. */
export async function readV4Request(
  request: IncomingRequest,
  viewer: Session,
): Promise<Omit<SlidingRequest, 'signal'>> {
  const body = await request.object()
  const lists = objectsField(body, 'lists', MAX_LISTS).map(([key, list]): [string, ListRequest] => {
    if (!LIST_KEY.test(key)) throw new MatrixError(400, 'M_INVALID_PARAM', 'The key of a list is not right')
    const range = ownValue(list, 'range') ?? undefined
    return [
      key,
      {
        filter: filterIn(list, 'is_invited'),
        ranges: range === undefined ? undefined : [rangeOf(range)],
        config: roomConfigIn(list, requiredStateIn(list)),
      },
    ]
  })
  const subscriptions = objectsField(body, 'room_subscriptions', MAX_SUBSCRIPTIONS)
  return {
    ...commonRequest(body, viewer, optionalText(body, 'pos')),
    lists: new Map(lists),
    subscriptions: new Map(
      subscriptions.map(([id, config]) => [id, roomConfigIn(config, requiredStateIn(config))]),
    ),
    timeoutMs: countField(body, 'timeout') ?? 0,
  }
}

function requiredStateIn(config: JsonObject): RequiredState {
  const state = objectField(config, 'required_state')
  return {
    include: patternsIn(state, 'include'),
    exclude: patternsIn(state, 'exclude'),
    lazyMembers: optionalFlag(state, 'lazy_members') ?? false,
  }
}

function patternsIn(state: JsonObject, key: string): StatePattern[] {
  return (listField(state, key, MAX_REQUIRED_STATE) ?? []).map((entry) => {
    if (!isJsonObject(entry)) throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a list of objects`)
    const type = optionalText(entry, 'type')
    const stateKey = optionalText(entry, 'state_key')
    return { ...(type !== undefined && { type }), ...(stateKey !== undefined && { stateKey }) }
  })
}
