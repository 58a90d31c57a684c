import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** @throws MatrixError 401 M_USER_LOCKED (client-server API, "Account locking"). */
export function refuseLocked({ locked }: { readonly locked: boolean }): void {
  if (!locked) return
  throw new MatrixError(401, 'M_USER_LOCKED', 'An administrator has locked this account', {
    soft_logout: true,
  })
}
