import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import { refuseLocked } from '../../homeserver/accounts/refuse-locked.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { Filter } from '../../homeserver/filters/filter.ts'
import { parseFilter } from '../../homeserver/filters/parse-filter.ts'
import type { LiveProtocol } from '../../homeserver/live/live-protocol.ts'
import { FilterFinder } from '../../homeserver/sync/find-filter.ts'
import { parseStreamToken } from '../../homeserver/sync/tokens.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { JsonSyntaxError, parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { ClientApiContext } from '../context.ts'
import { optionalFlag, optionalText, requiredText } from '../http/body-fields.ts'
import { readPresence } from '../presence/read-presence.ts'

/** The frames of live sync as clients send them; what they mean is what the same names mean to `/sync`. */
export function liveProtocol({ accounts, queries }: ClientApiContext): LiveProtocol {
  const filters = new FilterFinder(queries)
  return {
    async readHello(frame, address) {
      const body = frameObject(frame)
      const token = requiredText(body, 'access_token')
      const session = await sessionOfToken(accounts, token)
      accounts.lastSeen.note(session, address, Date.now())
      const since = optionalText(body, 'since')
      return {
        session,
        presence: readPresence(ownValue(body, 'set_presence')),
        request: {
          viewer: session,
          since: since === undefined ? undefined : parseStreamToken(since, 'since'),
          filter: await filterOf(filters, session.userNid, body),
          fullState: optionalFlag(body, 'full_state') === true,
          stateKey: optionalFlag(body, 'use_state_after') === true ? 'state_after' : 'state',
        },
        confirm: async () => {
          accounts.lastSeen.note(await sessionOfToken(accounts, token), address, Date.now())
        },
      }
    },
    readAcknowledgement: (frame) => requiredText(frameObject(frame), 'ack'),
  }
}

function frameObject(frame: Uint8Array): JsonObject {
  try {
    const value = parseJson(frame)
    if (isJsonObject(value)) return value
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new MatrixError(400, 'M_NOT_JSON', 'A frame must be JSON')
  }
  throw new MatrixError(400, 'M_BAD_JSON', 'A frame must be a JSON object')
}

/** @throws MatrixError 401 M_UNKNOWN_TOKEN, M_USER_LOCKED. */
async function sessionOfToken(accounts: Accounts, token: string): Promise<Session> {
  const session = await accounts.sessions.find(token)
  if (!session || (session.expiresTs !== null && session.expiresTs <= Date.now())) {
    throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'The access token is unknown or has expired')
  }
  refuseLocked(session)
  return session
}

/** A filter stands there as an object, or as the id or the JSON text that `/sync` takes. */
async function filterOf(filters: FilterFinder, userNid: UserNid, body: JsonObject): Promise<Filter> {
  const value = ownValue(body, 'filter')
  return isJsonObject(value) ? parseFilter(value) : filters.find(userNid, optionalText(body, 'filter'))
}
