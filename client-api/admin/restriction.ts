import { readRestriction, restrict, type Restriction } from '../../homeserver/accounts/moderate-account.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import { requiredFlag } from '../http/body-fields.ts'

/** `GET /admin/lock/{userId}` and `GET /admin/suspend/{userId}`. */
export function getRestriction({ accounts }: AccountApiContext, restriction: Restriction): Handler<Session> {
  return async (request, admin) => {
    const value = await readRestriction(accounts, admin, request.param('userId'), restriction)
    return json({ [restriction]: value })
  }
}

/** `PUT /admin/lock/{userId}` and `PUT /admin/suspend/{userId}`. */
export function putRestriction({ accounts }: AccountApiContext, restriction: Restriction): Handler<Session> {
  return async (request, admin) => {
    const value = requiredFlag(await request.object(), restriction)
    await restrict(accounts, admin, request.param('userId'), restriction, value)
    return json({ [restriction]: value })
  }
}
