import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../../protocol/json/value.ts'
import { passwordHashOf } from '../../../storage/accounts/account-reader.ts'
import { checkPassword } from '../check-password.ts'
import { claimedName } from '../claimed-name.ts'
import { accountCalled } from '../usernames.ts'
import type { StageDefinition } from './stage-definition.ts'

/** `m.login.password`: for users who have one. */
export const passwordStage: StageDefinition = {
  proves: async ({ login, queries }, user) =>
    login.passwordReauth && (await passwordHashOf(queries, user.userNid)) !== null,
  attempt: async (accounts, { auth, user }) => {
    const password = ownValue(auth, 'password')
    if (typeof password !== 'string')
      throw new MatrixError(400, 'M_MISSING_PARAM', '`auth.password` is missing')
    const name = await claimedName(accounts, auth)
    const claimed = name === undefined ? user : await accountCalled(accounts, name)
    if (user && claimed && claimed.userNid !== user.userNid) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'Another user has to authenticate this')
    }
    const right = await checkPassword(accounts, claimed?.userNid, password, claimed?.userId ?? name ?? '')
    return right
      ? { passed: true }
      : { passed: false, errcode: 'M_FORBIDDEN', error: 'The password is wrong' }
  },
}
