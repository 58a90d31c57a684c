import { hash, timingSafeEqual } from 'node:crypto'
import { deleteCode, findCode, insertCode, useCode, type CodeGrant } from '../../storage/oauth/codes.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { newSessionId, secretHash } from '../accounts/bearer-secrets.ts'
import { removeDevices } from '../accounts/devices.ts'
import type { LocalUser } from '../accounts/sessions.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { OAuthClient } from './clients.ts'
import { OAuthError } from './oauth-error.ts'
import { readScope } from './scope.ts'
import { startGrantedSession, type TokenAnswer } from './session-of-grant.ts'

/** A phone may take a while to come back to its application; RFC 6749 allows ten minutes. */
const CODE_LIFETIME_MS = 5 * 60_000
/** RFC 7636 §4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

/** Makes a code with which the client of a request becomes this user's. */
export async function issueCode(
  { queries }: Accounts,
  user: LocalUser & { readonly ssoSession?: Buffer | undefined },
  { client, reply, scope, challenge }: AuthorizationRequest,
): Promise<string> {
  const code = newSessionId()
  await insertCode(queries, secretHash(code), {
    clientId: client.clientId,
    userNid: user.userNid,
    scope: scope.granted,
    redirectUri: reply.redirectUri,
    challenge,
    createdTs: Date.now(),
    ssoSession: user.ssoSession ?? null,
  })
  return code
}

/** What a client shows to exchange a code. */
export interface CodeExchange {
  readonly code: string
  readonly redirectUri: string | undefined
  readonly verifier: string | undefined
  /** Where the request comes from. */
  readonly address: string
}

/**
 * Exchanges a code (RFC 6749 §4.1.3, RFC 7636 §4.6). A wrong attempt spoils the code, and a second use ends the
 * session that the first one began.
 *
 * @throws OAuthError invalid_grant.
 */
export async function exchangeCode(
  accounts: Accounts,
  client: OAuthClient,
  exchange: CodeExchange,
): Promise<TokenAnswer> {
  const codeHash = secretHash(exchange.code)
  const grant = await findCode(accounts.queries, codeHash)
  if (!grant || grant.clientId !== client.clientId) throw invalidGrant()
  if (grant.used) {
    await endSessionOf(accounts, grant)
    throw invalidGrant()
  }
  const inTime = grant.createdTs + CODE_LIFETIME_MS > Date.now()
  if (
    !inTime ||
    grant.redirectUri !== exchange.redirectUri ||
    !isVerified(grant.challenge, exchange.verifier)
  ) {
    await deleteCode(accounts.queries, codeHash)
    throw invalidGrant()
  }
  if (!(await useCode(accounts.queries, codeHash))) {
    await endSessionOf(accounts, grant)
    throw invalidGrant()
  }
  return startGrantedSession(accounts, client, grant, exchange.address)
}

async function endSessionOf(accounts: Accounts, { userNid, scope }: CodeGrant): Promise<void> {
  const userId = (await accounts.interner.userIds([userNid])).get(userNid)
  if (userId !== undefined) await removeDevices(accounts, { userNid, userId }, [readScope(scope).deviceId])
}

function isVerified(challenge: string, verifier: string | undefined): boolean {
  if (verifier === undefined || !VERIFIER.test(verifier)) return false
  const expected = Buffer.from(challenge, 'base64url')
  const given = hash('sha256', verifier, 'buffer')
  return expected.length === given.length && timingSafeEqual(expected, given)
}

function invalidGrant(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'The code is unknown, used or too old, or was given to somebody else',
  )
}
