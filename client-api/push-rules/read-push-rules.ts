import { storedPushRulesOf } from '../../homeserver/accounts/push-rules.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import {
  isPushRuleKind,
  type PushRule,
  type PushRuleKind,
  type PushRuleset,
} from '../../protocol/push-rules/push-rule.ts'
import { findPushRule, pushRulesetOf, shownPushRules } from '../../protocol/push-rules/stored-push-rules.ts'
import type { AccountApiContext } from '../context.ts'

async function rulesetOf({ queries }: AccountApiContext, session: Session): Promise<PushRuleset> {
  return pushRulesetOf(session.userId, await storedPushRulesOf(queries, session.userNid))
}

async function shownRules(context: AccountApiContext, session: Session): Promise<Partial<PushRuleset>> {
  return shownPushRules(await rulesetOf(context, session), context.config.rooms.threadSubscriptions)
}

/** `GET /pushrules/`. */
export function getAllPushRules(context: AccountApiContext): Handler<Session> {
  return async (_request, session) => json({ global: await shownRules(context, session) })
}

/** `GET /pushrules/global/`. */
export function getGlobalPushRules(context: AccountApiContext): Handler<Session> {
  return async (_request, session) => json(await shownRules(context, session))
}

/** `GET /pushrules/global/{kind}/{ruleId}` and the parts of a rule. @param part what of the rule to show. */
export function getPushRule(context: AccountApiContext, part: (rule: PushRule) => object): Handler<Session> {
  return async (request, session) => {
    const ruleset = await rulesetOf(context, session)
    const rule = findPushRule(ruleset, ruleKind(context, request), request.param('ruleId'))
    if (!rule) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such push rule')
    return json(part(rule))
  }
}

/** The `kind` of the path. @throws MatrixError 404 for another word, by which clients see that it is not known here. */
export function ruleKind({ config }: AccountApiContext, request: IncomingRequest): PushRuleKind {
  const kind = request.param('kind')
  if (isPushRuleKind(kind) && (kind !== 'postcontent' || config.rooms.threadSubscriptions)) return kind
  throw new MatrixError(404, 'M_UNRECOGNIZED', 'There is no such kind of push rule')
}
