import { findStep, insertStep, takeStep, type SsoStep } from '../../storage/sso/steps.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { newSessionId, secretHash } from '../accounts/bearer-secrets.ts'

/** Time to find a password, a phone and a name. */
const STEP_LIFETIME_MS = 15 * 60_000

/** What the sign-in is for: a page to go on to, or a session of user-interactive authentication. */
export type Goal =
  { readonly kind: 'page'; readonly next: string } | { readonly kind: 'proof'; readonly session: string }

/** The user is with the provider. */
export interface AwayStep {
  readonly idpId: string
  readonly browserId: string
  readonly nonce: string
  readonly verifier: string | undefined
  readonly goal: Goal
}

/** The user has come back and has to choose a name for a new account. */
export interface NamingStep {
  readonly idpId: string
  readonly browserId: string
  readonly subject: string
  readonly displayName: string | undefined
  readonly suggestion: string
  readonly next: string
  /** Of the identity provider, in hexadecimal digits. */
  readonly ssoSession?: string | undefined
}

interface Steps {
  away: AwayStep
  naming: NamingStep
}

/** Keeps what comes next in a sign-in, and returns the secret under which it is found again, after a restart too. */
export async function keepStep<Kind extends keyof Steps>(
  { queries }: Accounts,
  kind: Kind,
  step: Steps[Kind],
): Promise<string> {
  const secret = newSessionId()
  await insertStep(queries, secretHash(secret), {
    kind,
    payload: JSON.stringify(step),
    createdTs: Date.now(),
  })
  return secret
}

/** Finds a step of this browser's again; it stays. */
export async function lookUpStep<Kind extends keyof Steps>(
  { queries }: Accounts,
  kind: Kind,
  secret: string,
  browserId: string,
): Promise<Steps[Kind] | undefined> {
  return read<Kind>(await findStep(queries, secretHash(secret)), kind, browserId)
}

/** Uses a step of this browser's up. A step of another browser is gone too: somebody has shown it around. */
export async function useStep<Kind extends keyof Steps>(
  { queries }: Accounts,
  kind: Kind,
  secret: string,
  browserId: string,
): Promise<Steps[Kind] | undefined> {
  return read<Kind>(await takeStep(queries, secretHash(secret)), kind, browserId)
}

function read<Kind extends keyof Steps>(
  stored: SsoStep | undefined,
  kind: Kind,
  browserId: string,
): Steps[Kind] | undefined {
  if (!stored || stored.kind !== kind || stored.createdTs + STEP_LIFETIME_MS <= Date.now()) return undefined
  const step = JSON.parse(stored.payload) as Steps[Kind]
  return step.browserId === browserId ? step : undefined
}
