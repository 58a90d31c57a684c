import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getAllPushRules, getGlobalPushRules, getPushRule } from './read-push-rules.ts'
import { deleteRule, putRule, setActions, setEnabled } from './write-push-rules.ts'

const RULE = '/_matrix/client/v3/pushrules/global/:kind/:ruleId'

/** Push rules. */
export function pushRuleRoutes(context: AccountApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get('/_matrix/client/v3/pushrules/', user(getAllPushRules(context)))
    .get('/_matrix/client/v3/pushrules/global/', user(getGlobalPushRules(context)))
    .get(RULE, user(getPushRule(context, (rule) => rule)))
    .put(RULE, user(putRule(context)))
    .delete(RULE, user(deleteRule(context)))
    .get(`${RULE}/enabled`, user(getPushRule(context, ({ enabled }) => ({ enabled }))))
    .put(`${RULE}/enabled`, user(setEnabled(context)))
    .get(`${RULE}/actions`, user(getPushRule(context, ({ actions }) => ({ actions }))))
    .put(`${RULE}/actions`, user(setActions(context)))
}
