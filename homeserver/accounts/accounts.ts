import type { Queries } from '../../storage/database.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { AppServices } from '../appservices/app-services.ts'
import type { LoginConfig, RegistrationConfig } from '../config/sections/registration.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { AddressProofs } from '../third-party-ids/address-proofs.ts'
import type { IdentityBindings } from '../third-party-ids/identity-bindings.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import type { AccountListener } from './account-listener.ts'
import type { ErasedUsers } from './erased-users.ts'
import { LastSeen } from './last-seen.ts'
import { RecentProofs } from './recent-proofs.ts'
import { RegistrationNonces } from './registration-nonces.ts'
import { Sessions } from './sessions.ts'

/** What the account functions need from outside. */
export interface AccountsOptions {
  readonly serverName: string
  /** Where clients reach the server from outside, with a slash at the end. */
  readonly publicBaseUrl: string | undefined
  readonly queries: Queries
  readonly interner: Interner
  readonly committer: Pick<Committer, 'submit'>
  readonly registration: RegistrationConfig
  readonly login: LoginConfig
  /** `registration_shared_secret`; without it nobody registers by it. */
  readonly registrationSharedSecret: string | undefined
  readonly limits: RateLimits
  readonly jobs: Pick<JobRunner, 'wake'>
  readonly erasedUsers: ErasedUsers
  /** Undefined where no mail is sent. */
  readonly addressProofs?: AddressProofs | undefined
  /** Undefined where no identity server is asked anything. */
  readonly identityBindings?: IdentityBindings | undefined
  readonly appServices: AppServices
  /** Told of failures off the request path. */
  readonly onError: (error: unknown) => void
}

/** What the functions of this folder work with. Built once, by `createAccounts`. */
export interface Accounts extends AccountsOptions {
  readonly sessions: Sessions
  readonly lastSeen: LastSeen
  readonly nonces: RegistrationNonces
  readonly recentProofs: RecentProofs
  readonly listeners: AccountListener[]
}

/** Builds the context of the account functions. Listeners are added to `listeners` before the server serves. */
export function createAccounts(options: AccountsOptions): Accounts {
  return {
    ...options,
    sessions: new Sessions(options.queries),
    lastSeen: new LastSeen(options.queries, options.onError),
    nonces: new RegistrationNonces(),
    recentProofs: new RecentProofs(options.login.uiAuthSessionTimeoutMs),
    listeners: [],
  }
}

/** Tells every listener, one after another. */
export async function tellListeners(
  { listeners }: Accounts,
  tell: (listener: AccountListener) => Promise<void> | undefined,
): Promise<void> {
  for (const listener of listeners) await tell(listener)
}
