import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { ownerOf } from '../../storage/third-party-ids/third-party-ids.ts'
import { emailAddress } from '../third-party-ids/email-address.ts'
import type { Accounts } from './accounts.ts'

/**
 * Whom a client says it authenticates, in the present or the older form (client-server API, "Identifier types").
 *
 * @returns a name or a user id, of a mail address its owner's; undefined when it says nothing: the user of the token.
 * @throws MatrixError 400 for an unknown or malformed identifier, 403 for an address of nobody, or a telephone number.
 */
export async function claimedName(
  { queries, interner }: Pick<Accounts, 'queries' | 'interner'>,
  auth: JsonObject,
): Promise<string | undefined> {
  const identifier = ownValue(auth, 'identifier')
  if (identifier === undefined || identifier === null) {
    if (ownValue(auth, 'medium') !== undefined) return ownerOfAddress(queries, interner, auth)
    const legacy = ownValue(auth, 'user')
    return typeof legacy === 'string' ? legacy : undefined
  }
  const type = isJsonObject(identifier) ? ownValue(identifier, 'type') : undefined
  if (type === 'm.id.phone') throw nobodyHasIt()
  if (type === 'm.id.thirdparty' && isJsonObject(identifier)) {
    return ownerOfAddress(queries, interner, identifier)
  }
  const name = isJsonObject(identifier) ? ownValue(identifier, 'user') : undefined
  if (type !== 'm.id.user' || typeof name !== 'string') {
    throw new MatrixError(400, 'M_UNKNOWN', 'Only identifiers of type m.id.user, with a user, are supported')
  }
  return name
}

/** Who guesses passwords learns no addresses by it: the error is that of a wrong password. */
async function ownerOfAddress(
  queries: Accounts['queries'],
  interner: Accounts['interner'],
  identifier: JsonObject,
): Promise<string> {
  const address = ownValue(identifier, 'address')
  if (ownValue(identifier, 'medium') !== 'email' || typeof address !== 'string') throw nobodyHasIt()
  const userNid = await ownerOf(queries, emailAddress(address))
  const userId = userNid && (await interner.userIds([userNid])).get(userNid)
  if (!userId) throw nobodyHasIt()
  return userId
}

function nobodyHasIt(): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', 'The user name or the password is wrong')
}
