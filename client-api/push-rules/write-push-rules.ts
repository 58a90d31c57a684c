import { changePushRules } from '../../homeserver/accounts/push-rules.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { ownValue } from '../../protocol/json/value.ts'
import {
  deletePushRule,
  putPushRule,
  setPushRuleActions,
  setPushRuleEnabled,
} from '../../protocol/push-rules/change-push-rules.ts'
import type { AccountApiContext } from '../context.ts'
import { ruleKind } from './read-push-rules.ts'

/** `PUT /pushrules/global/{kind}/{ruleId}`. */
export function putRule(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    const [kind, ruleId] = [ruleKind(context, request), request.param('ruleId')]
    const [before, after] = [request.query('before'), request.query('after')]
    const position = { ...(before !== undefined && { before }), ...(after !== undefined && { after }) }
    await changePushRules(context.accounts, session, (stored) =>
      putPushRule(stored, kind, ruleId, body, position),
    )
    return nothing()
  }
}

/** `DELETE /pushrules/global/{kind}/{ruleId}`. */
export function deleteRule(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const [kind, ruleId] = [ruleKind(context, request), request.param('ruleId')]
    await changePushRules(context.accounts, session, (stored) => deletePushRule(stored, kind, ruleId))
    return nothing()
  }
}

/** `PUT /pushrules/global/{kind}/{ruleId}/enabled`. */
export function setEnabled(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const enabled = ownValue(await request.object(), 'enabled')
    const [kind, ruleId] = [ruleKind(context, request), request.param('ruleId')]
    await changePushRules(context.accounts, session, (stored) =>
      setPushRuleEnabled(stored, kind, ruleId, enabled),
    )
    return nothing()
  }
}

/** `PUT /pushrules/global/{kind}/{ruleId}/actions`. */
export function setActions(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const actions = ownValue(await request.object(), 'actions')
    const [kind, ruleId] = [ruleKind(context, request), request.param('ruleId')]
    await changePushRules(context.accounts, session, (stored) =>
      setPushRuleActions(stored, kind, ruleId, actions),
    )
    return nothing()
  }
}
