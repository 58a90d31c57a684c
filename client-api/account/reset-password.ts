import { changePassword } from '../../homeserver/accounts/change-password.ts'
import { checkPasswordPolicy } from '../../homeserver/accounts/check-password-policy.ts'
import { authenticateInteractively } from '../../homeserver/accounts/interactive-auth.ts'
import { json, nothing, type Answer } from '../../homeserver/http/answer.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import { ownerOf } from '../../storage/third-party-ids/third-party-ids.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalFlag, requiredText } from '../http/body-fields.ts'

/**
 * `POST /account/password` of somebody who is not logged in: whoever reads the mail of an account's address sets its
 * password.
 */
export async function resetPassword(
  { accounts, config, queries, interner }: AccountApiContext,
  body: JsonObject,
  clientAddress: string,
): Promise<Answer> {
  const { addressProofs } = accounts
  if (!addressProofs || !config.login.passwordReauth) {
    throw new MatrixError(401, 'M_MISSING_TOKEN', 'Passwords can be changed by those who are logged in alone')
  }
  const outcome = await authenticateInteractively(accounts, ownValue(body, 'auth'), {
    purpose: 'reset-password',
    flows: [['m.login.email.identity']],
    address: clientAddress,
  })
  if (!outcome.passed) return json(outcome.challenge, 401)
  const password = requiredText(body, 'new_password')
  checkPasswordPolicy(password, config.login.passwordPolicy)
  const logoutOthers = optionalFlag(body, 'logout_devices') ?? true
  const proof = outcome.addressProof === null ? undefined : await addressProofs.spend(outcome.addressProof)
  const userNid = proof && (await ownerOf(queries, proof.address))
  const userId = userNid && (await interner.userIds([userNid])).get(userNid)
  const account = userId ? await findAccount(queries, userId) : undefined
  if (!account || account.deactivated) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'This mail cannot be used any more; ask for a new one')
  }
  await changePassword(accounts, account, password, { logoutOthers })
  return nothing()
}
