import type { JsonObject, JsonValue } from '../../../protocol/json/value.ts'
import type { Accounts } from '../accounts.ts'
import type { LocalUser } from '../sessions.ts'

/** What a client, or a fallback page, sends to complete a stage. */
export interface StageAttempt {
  readonly auth: JsonObject
  /** Who has to authenticate; undefined in a registration. */
  readonly user: LocalUser | undefined
  /** Whether an account is to be made. */
  readonly isRegistration: boolean
  /** The client's address, under which guesses are limited. */
  readonly address: string
}

/** How an attempt at a stage went. */
export type StageResult =
  | {
      readonly passed: true
      readonly registrationToken?: string
      /** The session of a mail that was read. */
      readonly addressProof?: string
    }
  | { readonly passed: false; readonly errcode: string; readonly error: string }

/** One authentication type (client-server API, "Authentication types"). */
export interface StageDefinition {
  /** What clients are told of it beforehand, in `params`. */
  readonly params?: (accounts: Accounts, sessionId: string) => JsonValue | undefined
  /** Whether it is a way for this user to prove that an action is meant; never, if it is left out. */
  readonly proves?: (accounts: Accounts, user: LocalUser) => Promise<boolean>
  /**
   * Tries it with what was sent. Left out where it is completed elsewhere, by `completeStage`.
   *
   * @throws MatrixError 400 for missing fields, 403 when another user authenticates, 429 after too many failures.
   */
  readonly attempt?: (accounts: Accounts, attempt: StageAttempt) => Promise<StageResult>
}
