import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import { deleteUiaSession } from '../../storage/accounts/uia-sessions.ts'
import { addressKey } from '../rate-limits/address-key.ts'
import type { Accounts } from './accounts.ts'
import { completeStage, findInteractiveSession, startInteractiveSession } from './interactive-sessions.ts'
import { isStage, STAGES, type Stage } from './interactive-stages.ts'
import type { LocalUser } from './sessions.ts'

/** What has to be authenticated. */
export interface UiaRequest {
  /** Names the action, with the user and what it is done to: a session is good for this alone. */
  readonly purpose: string
  readonly flows: readonly (readonly Stage[])[]
  /** Who has to authenticate; undefined in a registration. */
  readonly user?: LocalUser
  /** Whether an account is to be made. */
  readonly isRegistration?: boolean
  /** The client's address, for stages whose guesses are limited by it. */
  readonly address?: string
}

/** Passed, with what was completed and the registration token that was shown; or the body of the 401 answer. */
export type UiaOutcome =
  | {
      readonly passed: true
      readonly completed: readonly string[]
      readonly registrationToken: string | null
      /** The session of a mail that was read. */
      readonly addressProof: string | null
    }
  | { readonly passed: false; readonly challenge: object }

interface Progress {
  /** Undefined while nothing has been stored: a flow of one stage may pass in one request. */
  readonly sessionId: string | undefined
  readonly completed: readonly string[]
  readonly registrationToken: string | null
  readonly addressProof: string | null
}

const NO_PROGRESS: Progress = {
  sessionId: undefined,
  completed: [],
  registrationToken: null,
  addressProof: null,
}

/**
 * One step of user-interactive authentication (client-server API, "User-Interactive Authentication API"). The
 * stages of a flow may be completed in any order, because a browser may complete any of them.
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
  const refuse = (progress: Progress, errcode: string, error: string) =>
    challenge(accounts, request, progress, { errcode, error })
  if (!before) return refuse(NO_PROGRESS, 'M_UNKNOWN', 'The session is unknown or has expired')
  if (isComplete(request, before)) return pass(accounts, request, before)
  const stage = ownValue(auth, 'type')
  if (stage === undefined) return challenge(accounts, request, before)
  const attempt = isOpenStage(request, before, stage) ? STAGES[stage].attempt : undefined
  if (!attempt || !isOpenStage(request, before, stage)) {
    return refuse(before, 'M_UNRECOGNIZED', 'This is no stage that can be completed now')
  }
  const result = await attempt(accounts, {
    auth,
    user: request.user,
    isRegistration: request.isRegistration ?? false,
    address: request.address ?? '',
  })
  if (!result.passed) return refuse(before, result.errcode, result.error)
  const after = {
    ...before,
    completed: [...before.completed, stage],
    registrationToken: result.registrationToken ?? before.registrationToken,
    addressProof: result.addressProof ?? before.addressProof,
  }
  if (isComplete(request, after)) return pass(accounts, request, after)
  const stored = await withSession(accounts, request, after)
  await completeStage(accounts, stored.sessionId, stage, result)
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
  const session = await findInteractiveSession(accounts, sessionId)
  return session?.purpose === purpose ? session : undefined
}

function isComplete({ flows }: UiaRequest, { completed }: Progress): boolean {
  return flows.some((flow) => flow.every((stage) => completed.includes(stage)))
}

function isOpenStage({ flows }: UiaRequest, { completed }: Progress, stage: JsonValue): stage is Stage {
  if (typeof stage !== 'string' || !isStage(stage) || completed.includes(stage)) return false
  return flows.some((flow) => flow.includes(stage))
}

/** A stored session passes once: of two requests that race for it, the second has to begin anew. */
async function pass(accounts: Accounts, request: UiaRequest, progress: Progress): Promise<UiaOutcome> {
  const { sessionId, completed, registrationToken, addressProof } = progress
  if (sessionId !== undefined && !(await deleteUiaSession(accounts.queries, sessionId))) {
    const refusal = { errcode: 'M_UNKNOWN', error: 'The session has been used' }
    return challenge(accounts, request, NO_PROGRESS, refusal)
  }
  return { passed: true, completed, registrationToken, addressProof }
}

async function withSession(
  accounts: Accounts,
  { purpose, user, address }: UiaRequest,
  progress: Progress,
): Promise<Progress & { sessionId: string }> {
  if (progress.sessionId !== undefined) return { ...progress, sessionId: progress.sessionId }
  // Each is stored, and in a registration anybody may ask for one.
  if (!user && address !== undefined) accounts.limits.interactiveSessions.consume(addressKey(address))
  const sessionId = await startInteractiveSession(accounts, purpose, user)
  return { ...progress, sessionId }
}

async function challenge(
  accounts: Accounts,
  request: UiaRequest,
  progress: Progress,
  refusal: { readonly errcode?: string; readonly error?: string } = {},
): Promise<UiaOutcome> {
  const { sessionId, completed } = await withSession(accounts, request, progress)
  const params: Record<string, JsonValue> = {}
  for (const stage of new Set(request.flows.flat())) {
    const told = STAGES[stage].params?.(accounts, sessionId)
    if (told !== undefined) params[stage] = told
  }
  const body = {
    ...refusal,
    ...(completed.length > 0 && { completed }),
    flows: request.flows.map((stages) => ({ stages })),
    params,
    session: sessionId,
  }
  return { passed: false, challenge: body }
}
