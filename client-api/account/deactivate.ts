import { deactivateAccount } from '../../homeserver/accounts/deactivate-account.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalFlag } from '../http/body-fields.ts'
import { requirePassword } from '../http/require-password.ts'

/** `POST /account/deactivate`. What was published through this server at identity servers is taken back. */
export function deactivate({ accounts }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const body = await request.optionalObject()
    const erase = optionalFlag(body, 'erase') ?? false
    // Application services have full control of what is theirs alone, and their users no password.
    const isOwned = session.appService?.namespaces.ownsUser(session.userId) ?? false
    const ask = isOwned ? undefined : await requirePassword(accounts, session, body, 'deactivate')
    if (ask) return ask
    await deactivateAccount(accounts, session, erase)
    const unbound = (await accounts.identityBindings?.unbindAll(session)) ?? 'success'
    return json({ id_server_unbind_result: unbound })
  }
}
