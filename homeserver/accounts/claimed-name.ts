import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'

/** Identifiers by what a user could have added to an account; nobody can here, so that they name nobody. */
const OF_THIRD_PARTIES = new Set(['m.id.thirdparty', 'm.id.phone'])

/**
 * Whom a client says it authenticates, in the present or the older form (client-server API, "Identifier types").
 *
 * @returns undefined when it says nothing: the user of the token.
 * @throws MatrixError 400 for an unknown or malformed identifier, 403 for one by mail address or telephone number.
 */
export function claimedName(auth: JsonObject): string | undefined {
  const identifier = ownValue(auth, 'identifier')
  if (identifier === undefined || identifier === null) {
    if (ownValue(auth, 'medium') !== undefined) throw nobodyHasIt()
    const legacy = ownValue(auth, 'user')
    return typeof legacy === 'string' ? legacy : undefined
  }
  const type = isJsonObject(identifier) ? ownValue(identifier, 'type') : undefined
  if (typeof type === 'string' && OF_THIRD_PARTIES.has(type)) throw nobodyHasIt()
  const name = isJsonObject(identifier) ? ownValue(identifier, 'user') : undefined
  if (type !== 'm.id.user' || typeof name !== 'string') {
    throw new MatrixError(400, 'M_UNKNOWN', 'Only identifiers of type m.id.user, with a user, are supported')
  }
  return name
}

function nobodyHasIt(): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', 'No account has this mail address or telephone number')
}
