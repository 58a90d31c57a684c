import type { Generated } from 'kysely'

/** Tokens that allow a registration. No `uses_allowed`: any number; no `expires_ts`: for ever. */
export interface RegistrationTokenTable {
  token: string
  uses_allowed: number | null
  completed: Generated<number>
  expires_ts: number | null
  makes_admin: Generated<boolean>
}
