import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { PUSH_RULES_TYPE } from '../../homeserver/accounts/push-rules.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** As event types. */
const MAX_TYPE_BYTES = 255

const MANAGED_BY_SERVER: ReadonlySet<string> = new Set(['m.fully_read', PUSH_RULES_TYPE])

/** The `type` of the path. @throws MatrixError 400 when it is too long. */
export function accountDataType(request: IncomingRequest): string {
  const type = request.param('type')
  if (Buffer.byteLength(type) <= MAX_TYPE_BYTES) return type
  throw new MatrixError(400, 'M_INVALID_PARAM', `Types have ${MAX_TYPE_BYTES} bytes at most`)
}

/** @throws MatrixError 405 for types with endpoints of their own (client-server API, "Client Config"). */
export function refuseManagedType(type: string): void {
  if (!MANAGED_BY_SERVER.has(type)) return
  throw new MatrixError(405, 'M_BAD_JSON', `${type} cannot be set here; it has endpoints of its own`)
}
