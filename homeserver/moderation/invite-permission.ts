import { compileGlob } from '../../protocol/glob/compile-glob.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import { NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import type { Queries } from '../../storage/database.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { AccountSetting } from './account-setting.ts'

/** What becomes of an invite: shown, refused with an error, or taken and never shown. */
export type InviteOutcome = 'allow' | 'block' | 'ignore'

/**
 * Decides on an invite by its sender: by `m.invite_permission_config` (client-server API, "Invite permission"), then
 * by the lists of MSC4155.
 */
export type InviteRule = (sender: string) => InviteOutcome

const STABLE = 'm.invite_permission_config'
const FILTER = 'org.matrix.msc4155.invite_permission_config'
/** Each pattern is tried on every invite. */
const MAX_PATTERNS = 1_000

type Test = (text: string) => boolean

/** What users make of invites, kept up to date by the stream. */
export class InvitePermissions {
  readonly #stable: AccountSetting<InviteRule>
  readonly #filter: AccountSetting<InviteRule>

  constructor(queries: Queries) {
    this.#stable = new AccountSetting(queries, STABLE, blockAll)
    this.#filter = new AccountSetting(queries, FILTER, filterOf)
  }

  /** A user's own rule. */
  async of(userNid: UserNid): Promise<InviteRule> {
    return both(await this.#stable.of(userNid), await this.#filter.of(userNid))
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    this.#stable.absorb(writes)
    this.#filter.absorb(writes)
  }
}

/** A user's own rule as it is stored now. */
export async function inviteRuleOf(queries: Queries, userNid: UserNid): Promise<InviteRule> {
  const stable = parsed(await findAccountData(queries, userNid, NO_ROOM, STABLE))
  const filter = parsed(await findAccountData(queries, userNid, NO_ROOM, FILTER))
  return both(blockAll(stable), filterOf(filter))
}

function both(stable: InviteRule, filter: InviteRule): InviteRule {
  return (sender) => (stable(sender) === 'block' ? 'block' : filter(sender))
}

function parsed(text: string | undefined): JsonValue | undefined {
  return text === undefined ? undefined : parseJson(text)
}

function blockAll(content: JsonValue | undefined): InviteRule {
  const blocks = isJsonObject(content) && ownValue(content, 'default_action') === 'block'
  return () => (blocks ? 'block' : 'allow')
}

/** Users go before servers; among each, what allows before what ignores before what blocks. */
function filterOf(content: JsonValue | undefined): InviteRule {
  if (!isJsonObject(content)) return () => 'allow'
  const steps = (['users', 'servers'] as const).flatMap((what) =>
    ([['allowed', 'allow'], ['ignored', 'ignore'], ['blocked', 'block']] as const).map(([word, outcome]) => ({
      what,
      outcome,
      tests: testsIn(content, `${word}_${what}`),
    })),
  ) // prettier-ignore
  return (sender) => {
    const subject = { users: sender, servers: serverOf(sender).replace(/:\d+$/, '') }
    return steps.find(({ what, tests }) => tests.some((test) => test(subject[what])))?.outcome ?? 'allow'
  }
}

function testsIn(content: JsonObject, key: string): Test[] {
  const list = ownValue(content, key)
  if (!Array.isArray(list)) return []
  return list
    .filter((pattern) => typeof pattern === 'string')
    .slice(0, MAX_PATTERNS)
    .map((pattern) => compileGlob(pattern))
}
