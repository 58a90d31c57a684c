import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** @throws MatrixError 403 M_FORBIDDEN unless the path's `userId` is the user of the token. */
export function requireOwnUser(request: IncomingRequest, session: Session): void {
  if (request.param('userId') === session.userId) return
  throw new MatrixError(403, 'M_FORBIDDEN', 'This belongs to another user')
}
