import { z } from 'zod'
import { duration } from '../values/duration.ts'

/** What calls need beside this server; the names are Synapse's. */
export const callKeys = {
  turn_uris: z
    .array(z.string().regex(/^turns?:\S+$/, 'expects an address such as turn:turn.example.org?transport=udp'))
    .default([]),
  turn_shared_secret: z.string().min(1).optional(),
  turn_shared_secret_path: z.string().optional(),
  turn_username: z.string().min(1).optional(),
  turn_password: z.string().min(1).optional(),
  turn_user_lifetime: duration.prefault('1h'),
  turn_allow_guests: z.boolean().default(true),
  matrix_rtc: z
    .strictObject({ transports: z.array(z.looseObject({ type: z.string().min(1) })).default([]) })
    .prefault({}),
}

type Keys = z.output<z.ZodObject<typeof callKeys>>

/** How users prove themselves to the TURN server. */
export type TurnCredentials =
  | { readonly kind: 'shared-secret'; readonly secret: string }
  | { readonly kind: 'fixed'; readonly username: string; readonly password: string }

/** A TURN server, through which calls go where no direct way leads. */
export interface TurnConfig {
  readonly uris: readonly string[]
  readonly credentials: TurnCredentials
  readonly lifetimeMs: number
  readonly allowGuests: boolean
}

export interface CallsConfig {
  /** Undefined where there is no TURN server. */
  readonly turn: TurnConfig | undefined
  /** Where group calls meet (MSC4143), the preferred place first. */
  readonly rtcTransports: readonly Readonly<Record<string, unknown>>[]
}

/** @param readSecret reads the file of `turn_shared_secret_path`. */
export function callsConfig(keys: Keys, readSecret: (path: string) => string): CallsConfig {
  const path = keys.turn_shared_secret_path
  const secret = keys.turn_shared_secret ?? (path === undefined ? undefined : readSecret(path).trim())
  return { turn: turnConfig(keys, secret), rtcTransports: keys.matrix_rtc.transports }
}

function turnConfig(keys: Keys, secret: string | undefined): TurnConfig | undefined {
  const { turn_username: username, turn_password: password } = keys
  const common = {
    uris: keys.turn_uris,
    lifetimeMs: keys.turn_user_lifetime,
    allowGuests: keys.turn_allow_guests,
  }
  if (keys.turn_uris.length === 0) return undefined
  if (secret !== undefined) return { ...common, credentials: { kind: 'shared-secret', secret } }
  if (username === undefined || password === undefined) return undefined
  return { ...common, credentials: { kind: 'fixed', username, password } }
}

/** A TURN server without credentials would be offered to nobody, and nobody would know why. */
export function checkTurn(keys: Keys, complain: (path: (string | number)[], sentence: string) => void): void {
  const { turn_shared_secret: secret, turn_shared_secret_path: path } = keys
  if (secret !== undefined && path !== undefined) {
    complain(['turn_shared_secret_path'], 'is given beside turn_shared_secret; keep one of them')
  }
  const fixed = keys.turn_username !== undefined && keys.turn_password !== undefined
  if (keys.turn_uris.length > 0 && secret === undefined && path === undefined && !fixed) {
    complain(['turn_uris'], 'need turn_shared_secret, or turn_username and turn_password')
  }
}
