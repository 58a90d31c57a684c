import { randomInt } from 'node:crypto'
import {
  decideDeviceCode,
  deleteDeviceCode,
  findOpenUserCode,
  insertDeviceCode,
  pollDeviceCode,
  type DeviceCode,
} from '../../storage/oauth/device-codes.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { newSessionId, secretHash } from '../accounts/bearer-secrets.ts'
import type { LocalUser } from '../accounts/sessions.ts'
import { clientCalled, type OAuthClient } from './clients.ts'
import { OAuthError } from './oauth-error.ts'
import type { Scope } from './scope.ts'
import { startGrantedSession, type TokenAnswer } from './session-of-grant.ts'

/** Time enough to find another device and to sign in on it. */
const LIFETIME_MS = 15 * 60_000
/** The least time between two polls of a client; RFC 8628's own default. */
const INTERVAL_MS = 5_000
/** A client's clock and the network may make two polls come this much closer. */
const INTERVAL_TOLERANCE_MS = 1_000
/** Letters that spell no words and are not taken for each other (RFC 8628 §6.1). */
const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
/** 20^8 codes: too many to guess one of them at the rate of the page. */
const USER_CODE_LENGTH = 8

/** What the client is told (RFC 8628 §3.2), without the addresses. */
export interface StartedDeviceAuthorization {
  readonly device_code: string
  readonly user_code: string
  readonly expires_in: number
  readonly interval: number
}

/** Starts a device authorisation. */
export async function startDeviceAuthorization(
  { queries }: Accounts,
  client: OAuthClient,
  scope: Scope,
): Promise<StartedDeviceAuthorization> {
  const deviceCode = newSessionId()
  const code = { clientId: client.clientId, scope: scope.granted, createdTs: Date.now() }
  let userCode = newUserCode()
  while (!(await insertDeviceCode(queries, secretHash(deviceCode), { ...code, userCode })))
    userCode = newUserCode()
  return {
    device_code: deviceCode,
    user_code: `${userCode.slice(0, 4)}-${userCode.slice(4)}`,
    expires_in: LIFETIME_MS / 1000,
    interval: INTERVAL_MS / 1000,
  }
}

/** What a user code stands for, as it was typed; undefined when it is unknown, decided or too old. */
export async function deviceAuthorizationCalled(
  { queries }: Accounts,
  typed: string,
): Promise<{ code: DeviceCode; client: OAuthClient } | undefined> {
  const userCode = typed.toUpperCase().replace(/[^A-Z]/g, '')
  if (userCode.length !== USER_CODE_LENGTH) return undefined
  const code = await findOpenUserCode(queries, userCode, Date.now() - LIFETIME_MS)
  const client = await clientCalled(queries, code?.clientId)
  return code && client && { code, client }
}

/** Notes what the user has decided. Returns whether it was still open. */
export function decideDeviceAuthorization(
  { queries }: Accounts,
  user: LocalUser & { readonly ssoSession?: Buffer | undefined },
  { userCode }: DeviceCode,
  granted: boolean,
): Promise<boolean> {
  return decideDeviceCode(queries, userCode, user.userNid, granted, user.ssoSession)
}

/**
 * Answers a client that asks whether the user has decided.
 *
 * @param address where the request comes from.
 * @throws OAuthError authorization_pending, slow_down, access_denied, expired_token, invalid_grant (RFC 8628 §3.5).
 */
export async function exchangeDeviceCode(
  accounts: Accounts,
  client: OAuthClient,
  deviceCode: string,
  address: string,
): Promise<TokenAnswer> {
  const now = Date.now()
  const codeHash = secretHash(deviceCode)
  const code = await pollDeviceCode(accounts.queries, codeHash, now)
  if (!code || code.clientId !== client.clientId) {
    throw new OAuthError('invalid_grant', 'The device code is unknown or has been used')
  }
  if (code.createdTs + LIFETIME_MS <= now) throw new OAuthError('expired_token', 'The device code is too old')
  if (code.granted === false) throw new OAuthError('access_denied', 'The user has refused')
  if (code.granted === null || code.userNid === null) {
    const early = code.polledTs + INTERVAL_MS - INTERVAL_TOLERANCE_MS > now
    throw early
      ? new OAuthError('slow_down', 'This is asked too often')
      : new OAuthError('authorization_pending', 'The user has not decided yet')
  }
  if (!(await deleteDeviceCode(accounts.queries, codeHash))) {
    throw new OAuthError('invalid_grant', 'The device code has been used')
  }
  return startGrantedSession(accounts, client, { ...code, userNid: code.userNid }, address)
}

function newUserCode(): string {
  const letter = (): string => USER_CODE_LETTERS[randomInt(USER_CODE_LETTERS.length)]!
  return Array.from({ length: USER_CODE_LENGTH }, letter).join('')
}
