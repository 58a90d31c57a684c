import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import {
  completeUiaStage,
  deleteUiaSession,
  findUiaSession,
  insertUiaSession,
  type UiaSession,
} from '../../storage/accounts/uia-sessions.ts'
import type { Accounts } from './accounts.ts'
import { newSessionId } from './bearer-secrets.ts'
import { runStage, type Stage } from './interactive-stages.ts'
import type { LocalUser } from './sessions.ts'

/** As in Synapse: time enough to fetch a token from a mail. */
const UIA_SESSION_LIFETIME_MS = 15 * 60_000

/** What has to be authenticated. */
export interface UiaRequest {
  /** Names the action, with the user and what it is done to: a session is good for this alone. */
  readonly purpose: string
  readonly flows: readonly (readonly Stage[])[]
  /** Whose password counts; undefined in a registration. */
  readonly user?: LocalUser
}

/** Passed, with the registration token that was shown; or the body of the 401 answer. */
export type UiaOutcome =
  | { readonly passed: true; readonly registrationToken: string | null }
  | { readonly passed: false; readonly challenge: object }

interface Progress {
  /** Undefined while nothing has been stored: a flow of one stage may pass in one request. */
  readonly sessionId: string | undefined
  readonly completed: readonly string[]
  readonly registrationToken: string | null
}

const NO_PROGRESS: Progress = { sessionId: undefined, completed: [], registrationToken: null }

/**
 * One step of user-interactive authentication (client-server API, "User-Interactive Authentication API").
 *
 * @param auth the `auth` of the request's body.
 * @throws MatrixError 400 for a malformed `auth`, 403 when another user authenticates, 429.
 */
export async function authenticateInteractively(
  accounts: Accounts,
  auth: JsonValue | undefined,
  request: UiaRequest,
): Promise<UiaOutcome> {
  if (auth === undefined || auth === null) return challenge(accounts, request, NO_PROGRESS)
  if (!isJsonObject(auth)) throw new MatrixError(400, 'M_BAD_JSON', '`auth` must be an object')
  const before = await progressOf(accounts, auth, request.purpose)
  if (!before)
    return challenge(accounts, request, NO_PROGRESS, 'M_UNKNOWN', 'The session is unknown or has expired')
  if (isComplete(request, before)) return pass(accounts, before)
  const stage = ownValue(auth, 'type')
  if (stage === undefined) return challenge(accounts, request, before)
  if (!isNextStage(request, before, stage)) {
    return challenge(
      accounts,
      request,
      before,
      'M_UNRECOGNIZED',
      'This is no stage that can be completed now',
    )
  }
  const result = await runStage(accounts, stage, auth, request.user)
  if (!result.passed) return challenge(accounts, request, before, result.errcode, result.error)
  const after = {
    ...before,
    completed: [...before.completed, stage],
    registrationToken: result.registrationToken ?? before.registrationToken,
  }
  if (isComplete(request, after)) return pass(accounts, after)
  const stored = await withSession(accounts, request, after)
  await completeUiaStage(accounts.queries, stored.sessionId, stage, after.registrationToken)
  return challenge(accounts, request, stored)
}

async function progressOf(
  accounts: Accounts,
  auth: JsonObject,
  purpose: string,
): Promise<Progress | undefined> {
  const sessionId = ownValue(auth, 'session')
  if (sessionId === undefined) return NO_PROGRESS
  if (typeof sessionId !== 'string') throw new MatrixError(400, 'M_BAD_JSON', '`auth.session` must be a text')
  const session = sessionId.includes('\0') ? undefined : await findUiaSession(accounts.queries, sessionId)
  return session && isUsable(session, purpose) ? session : undefined
}

function isUsable(session: UiaSession, purpose: string): boolean {
  return session.purpose === purpose && session.createdTs + UIA_SESSION_LIFETIME_MS > Date.now()
}

function isComplete({ flows }: UiaRequest, { completed }: Progress): boolean {
  return flows.some(
    (flow) => flow.length === completed.length && flow.every((stage, at) => stage === completed[at]),
  )
}

function isNextStage({ flows }: UiaRequest, { completed }: Progress, stage: JsonValue): stage is Stage {
  return flows.some(
    (flow) => flow[completed.length] === stage && completed.every((done, at) => flow[at] === done),
  )
}

/** A stored session passes once: of two requests that race for it, the second gets nothing. */
async function pass({ queries }: Accounts, progress: Progress): Promise<UiaOutcome> {
  if (progress.sessionId !== undefined && !(await deleteUiaSession(queries, progress.sessionId))) {
    throw new MatrixError(401, 'M_UNKNOWN', 'The session has been used')
  }
  return { passed: true, registrationToken: progress.registrationToken }
}

async function withSession(
  { queries }: Accounts,
  { purpose }: UiaRequest,
  progress: Progress,
): Promise<Progress & { sessionId: string }> {
  if (progress.sessionId !== undefined) return { ...progress, sessionId: progress.sessionId }
  const sessionId = newSessionId()
  await insertUiaSession(queries, { sessionId, purpose, createdTs: Date.now() })
  return { ...progress, sessionId }
}

async function challenge(
  accounts: Accounts,
  request: UiaRequest,
  progress: Progress,
  errcode?: string,
  error?: string,
): Promise<UiaOutcome> {
  const { sessionId, completed } = await withSession(accounts, request, progress)
  const body = {
    ...(errcode !== undefined && { errcode, error }),
    ...(completed.length > 0 && { completed }),
    flows: request.flows.map((stages) => ({ stages })),
    params: {},
    session: sessionId,
  }
  return { passed: false, challenge: body }
}
