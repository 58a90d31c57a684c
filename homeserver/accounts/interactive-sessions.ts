import {
  completeUiaStage,
  findUiaSession,
  insertUiaSession,
  type UiaSession,
} from '../../storage/accounts/uia-sessions.ts'
import type { Accounts } from './accounts.ts'
import { newSessionId } from './bearer-secrets.ts'
import type { Stage } from './interactive-stages.ts'
import type { LocalUser } from './sessions.ts'

/** As in Synapse: time enough to fetch a token from a mail. */
const UIA_SESSION_LIFETIME_MS = 15 * 60_000

/** Starts a session of user-interactive authentication and returns its id. */
export async function startInteractiveSession(
  { queries }: Accounts,
  purpose: string,
  user: LocalUser | undefined,
): Promise<string> {
  const sessionId = newSessionId()
  await insertUiaSession(queries, {
    sessionId,
    purpose,
    createdTs: Date.now(),
    userNid: user?.userNid ?? null,
  })
  return sessionId
}

/** A session under way; undefined when there is none, or it has grown too old. */
export async function findInteractiveSession(
  { queries }: Accounts,
  sessionId: string,
): Promise<UiaSession | undefined> {
  if (sessionId.includes('\0')) return undefined
  const session = await findUiaSession(queries, sessionId)
  return session && session.createdTs + UIA_SESSION_LIFETIME_MS > Date.now() ? session : undefined
}

/** Whose session it is; undefined in a registration. */
export async function userOfSession(
  { interner }: Accounts,
  { userNid }: UiaSession,
): Promise<LocalUser | undefined> {
  if (userNid === null) return undefined
  const userId = (await interner.userIds([userNid])).get(userNid)
  return userId === undefined ? undefined : { userNid, userId }
}

/** Notes that a stage has been completed, in whatever way. */
export async function completeStage(
  { queries }: Accounts,
  sessionId: string,
  stage: Stage,
  by: Parameters<typeof completeUiaStage>[3] = {},
): Promise<void> {
  await completeUiaStage(queries, sessionId, stage, by)
}
