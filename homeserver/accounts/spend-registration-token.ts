import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { useRegistrationToken } from '../../storage/accounts/registration-tokens.ts'
import type { Queries } from '../../storage/database.ts'

/**
 * Uses a registration token up by one, in the transaction that makes the account.
 *
 * @param token null or undefined where none is needed.
 * @throws MatrixError 403 when it has been used up since it was shown.
 */
export async function spendRegistrationToken(
  transaction: Queries,
  token: string | null | undefined,
  now: number,
): Promise<{ readonly makesAdmin: boolean }> {
  if (token === null || token === undefined) return { makesAdmin: false }
  const use = await useRegistrationToken(transaction, token, now)
  if (use) return use
  throw new MatrixError(403, 'M_FORBIDDEN', 'The registration token has been used up')
}
