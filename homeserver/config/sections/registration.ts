import { z } from 'zod'
import { duration } from '../values/duration.ts'
import {
  captchaConfig,
  consentConfig,
  registrationCheckKeys,
  type CaptchaConfig,
  type ConsentConfig,
} from './registration-checks.ts'

const FIVE_MINUTES = '5m'
/** So many devices are also kept of a user of another server. */
const MAX_DEVICES = 1_000

const passwordPolicy = z.strictObject({
  enabled: z.boolean().default(false),
  minimum_length: z.int().nonnegative().default(0),
  require_digit: z.boolean().default(false),
  require_symbol: z.boolean().default(false),
  require_lowercase: z.boolean().default(false),
  require_uppercase: z.boolean().default(false),
})

/** Who may have an account, and for how long a login lasts. */
export const registrationKeys = {
  ...registrationCheckKeys,
  enable_registration: z.boolean().default(false),
  enable_registration_without_verification: z.boolean().default(false),
  registration_requires_token: z.boolean().default(false),
  registration_shared_secret: z.string().min(1).optional(),
  registration_shared_secret_path: z.string().optional(),
  allow_guest_access: z.boolean().default(false),
  inhibit_user_in_use_error: z.boolean().default(false),
  enable_set_displayname: z.boolean().default(true),
  enable_set_avatar_url: z.boolean().default(true),
  auto_join_rooms: z
    .array(z.string().startsWith('#', 'expects room aliases such as "#welcome:example.org"'))
    .default([]),
  autocreate_auto_join_rooms: z.boolean().default(true),
  password_config: z
    .strictObject({
      enabled: z.union([z.boolean(), z.literal('only_for_reauth')]).default(true),
      localdb_enabled: z.boolean().default(true),
      pepper: z.string().default(''),
      policy: passwordPolicy.prefault({}),
    })
    .prefault({}),
  max_devices_per_user: z.int().positive().default(MAX_DEVICES),
  session_lifetime: duration.optional(),
  refreshable_access_token_lifetime: duration.prefault(FIVE_MINUTES),
  refresh_token_lifetime: duration.optional(),
  nonrefreshable_access_token_lifetime: duration.optional(),
  ui_auth: z.strictObject({ session_timeout: duration.prefault('0') }).prefault({}),
  login_via_existing_session: z
    .strictObject({
      enabled: z.boolean().default(false),
      require_ui_auth: z.boolean().default(true),
      token_timeout: duration.prefault(FIVE_MINUTES),
    })
    .prefault({}),
  app_service_config_files: z.array(z.string()).default([]),
}

type Keys = z.output<z.ZodObject<typeof registrationKeys>>

export interface RegistrationConfig {
  readonly enabled: boolean
  /** Whether `m.login.dummy` alone is enough. */
  readonly withoutVerification: boolean
  readonly requiresToken: boolean
  readonly allowGuests: boolean
  readonly inhibitUserInUseError: boolean
  readonly autoJoinRooms: readonly string[]
  readonly autocreateAutoJoinRooms: boolean
  readonly captcha: CaptchaConfig | undefined
  readonly consent: ConsentConfig | undefined
}

export interface PasswordPolicy {
  readonly minimumLength: number
  readonly requireDigit: boolean
  readonly requireSymbol: boolean
  readonly requireLowercase: boolean
  readonly requireUppercase: boolean
}

export interface LoginConfig {
  readonly passwordLogin: boolean
  /** Whether a password proves who one is where the client API asks for it again. */
  readonly passwordReauth: boolean
  readonly passwordPepper: string
  readonly passwordPolicy: PasswordPolicy | undefined
  /** Of one user of ours; the dehydrated one is not counted. */
  readonly maxDevicesPerUser: number
  readonly accessTokenLifetimeMs: number | undefined
  readonly refreshableAccessTokenLifetimeMs: number
  readonly refreshTokenLifetimeMs: number | undefined
  readonly uiAuthSessionTimeoutMs: number
  readonly existingSession: {
    readonly enabled: boolean
    readonly requireUiAuth: boolean
    readonly tokenTimeoutMs: number
  }
  readonly mayChangeDisplayName: boolean
  readonly mayChangeAvatarUrl: boolean
}

/**
 * @param resolvePath makes a path of the file absolute.
 * @param readText the text of a file that the configuration names.
 */
export function registrationConfig(
  keys: Keys,
  resolvePath: (path: string) => string,
  readText: (path: string) => string,
): RegistrationConfig {
  return {
    enabled: keys.enable_registration,
    withoutVerification: keys.enable_registration_without_verification,
    requiresToken: keys.registration_requires_token,
    allowGuests: keys.allow_guest_access,
    inhibitUserInUseError: keys.inhibit_user_in_use_error,
    autoJoinRooms: keys.auto_join_rooms,
    autocreateAutoJoinRooms: keys.autocreate_auto_join_rooms,
    captcha: captchaConfig(keys, readText),
    consent: consentConfig(keys, resolvePath),
  }
}

export function loginConfig(keys: Keys): LoginConfig {
  const { password_config: password, login_via_existing_session: existing } = keys
  const usable = password.localdb_enabled && password.enabled !== false
  return {
    passwordLogin: usable && password.enabled === true,
    passwordReauth: usable,
    passwordPepper: password.pepper,
    passwordPolicy: password.policy.enabled
      ? {
          minimumLength: password.policy.minimum_length,
          requireDigit: password.policy.require_digit,
          requireSymbol: password.policy.require_symbol,
          requireLowercase: password.policy.require_lowercase,
          requireUppercase: password.policy.require_uppercase,
        }
      : undefined,
    maxDevicesPerUser: keys.max_devices_per_user,
    accessTokenLifetimeMs: keys.nonrefreshable_access_token_lifetime ?? keys.session_lifetime,
    refreshableAccessTokenLifetimeMs: keys.refreshable_access_token_lifetime,
    refreshTokenLifetimeMs: keys.refresh_token_lifetime,
    uiAuthSessionTimeoutMs: keys.ui_auth.session_timeout,
    existingSession: {
      enabled: existing.enabled,
      requireUiAuth: existing.require_ui_auth,
      tokenTimeoutMs: existing.token_timeout,
    },
    mayChangeDisplayName: keys.enable_set_displayname,
    mayChangeAvatarUrl: keys.enable_set_avatar_url,
  }
}

/** Registration open to everybody without any check is asked for twice, as in Synapse: spammers find such servers. */
export function checkOpenRegistration(
  keys: Keys & { readonly registrations_require_3pid: readonly string[] },
  complain: (path: (string | number)[], sentence: string) => void,
): void {
  if (!keys.enable_registration || keys.registration_requires_token) return
  if (keys.enable_registration_captcha || keys.registrations_require_3pid.length > 0) return
  if (keys.enable_registration_without_verification) return
  complain(
    ['enable_registration'],
    'would let anybody register: add registration_requires_token: true or enable_registration_captcha: true, or enable_registration_without_verification: true if that is meant',
  )
}
