import { z } from 'zod'

/** A token bucket: it refills at so many a second and holds so many at most. */
function bucket(per_second: number, burst_count: number) {
  return z
    .strictObject({
      per_second: z.number().positive().default(per_second),
      burst_count: z.number().positive().default(burst_count),
    })
    .prefault({})
    .transform((keys): RateLimit => ({ perSecond: keys.per_second, burstCount: keys.burst_count }))
}

export interface RateLimit {
  readonly perSecond: number
  readonly burstCount: number
}

const federationWindow = z
  .strictObject({
    window_size: z.int().positive().default(1000),
    sleep_limit: z.int().positive().default(10),
    sleep_delay: z.int().nonnegative().default(500),
    reject_limit: z.int().positive().default(50),
    concurrent: z.int().positive().default(3),
  })
  .prefault({})

/**
 * How much one user, address, room or server may ask. The names and defaults are Synapse's; `rc_profile`,
 * `rc_interactive_sessions`, `rc_openid_tokens`, `rc_to_device` and `rc_server_key_queries` are ours.
 */
export const rateLimitKeys = {
  rc_message: bucket(0.2, 10),
  rc_registration: bucket(0.17, 3),
  rc_registration_token_validity: bucket(0.1, 5),
  rc_interactive_sessions: bucket(0.5, 50),
  rc_login: z
    .strictObject({ address: bucket(0.003, 5), account: bucket(0.003, 5), failed_attempts: bucket(0.17, 3) })
    .prefault({}),
  rc_admin_redaction: bucket(0.2, 10),
  rc_joins: z.strictObject({ local: bucket(0.1, 10), remote: bucket(0.01, 10) }).prefault({}),
  rc_joins_per_room: bucket(1, 10),
  rc_3pid_validation: bucket(0.003, 5),
  rc_invites: z
    .strictObject({ per_room: bucket(0.3, 10), per_user: bucket(0.003, 5), per_issuer: bucket(0.3, 10) })
    .prefault({}),
  rc_third_party_invite: bucket(0.2, 10),
  rc_media_create: bucket(10, 50),
  rc_federation: federationWindow,
  rc_presence: z.strictObject({ per_user: bucket(0.1, 1) }).prefault({}),
  rc_delayed_event_mgmt: bucket(1, 5),
  rc_reports: bucket(1, 5),
  rc_profile: bucket(0.5, 20),
  rc_room_creation: bucket(0.016, 10),
  rc_user_directory: bucket(0.016, 200),
  rc_key_requests: bucket(20, 100),
  rc_openid_tokens: bucket(0.5, 20),
  rc_to_device: bucket(20, 200),
  rc_server_key_queries: bucket(10, 100),
}

type Keys = z.output<z.ZodObject<typeof rateLimitKeys>>

export type RateLimitsConfig = ReturnType<typeof rateLimitsConfig>

export function rateLimitsConfig(keys: Keys) {
  const { rc_federation: federation } = keys
  return {
    message: keys.rc_message,
    registration: keys.rc_registration,
    registrationTokenValidity: keys.rc_registration_token_validity,
    interactiveSessions: keys.rc_interactive_sessions,
    loginAddress: keys.rc_login.address,
    loginAccount: keys.rc_login.account,
    loginFailedAttempts: keys.rc_login.failed_attempts,
    adminRedaction: keys.rc_admin_redaction,
    joinsLocal: keys.rc_joins.local,
    joinsRemote: keys.rc_joins.remote,
    joinsPerRoom: keys.rc_joins_per_room,
    thirdPartyIdValidation: keys.rc_3pid_validation,
    invitesPerRoom: keys.rc_invites.per_room,
    invitesPerUser: keys.rc_invites.per_user,
    invitesPerIssuer: keys.rc_invites.per_issuer,
    thirdPartyInvite: keys.rc_third_party_invite,
    mediaCreate: keys.rc_media_create,
    presencePerUser: keys.rc_presence.per_user,
    delayedEventManagement: keys.rc_delayed_event_mgmt,
    reports: keys.rc_reports,
    profile: keys.rc_profile,
    roomCreation: keys.rc_room_creation,
    userDirectory: keys.rc_user_directory,
    keyRequests: keys.rc_key_requests,
    openIdTokens: keys.rc_openid_tokens,
    toDevice: keys.rc_to_device,
    serverKeyQueries: keys.rc_server_key_queries,
    federation: {
      windowMs: federation.window_size,
      sleepLimit: federation.sleep_limit,
      sleepMs: federation.sleep_delay,
      rejectLimit: federation.reject_limit,
      concurrent: federation.concurrent,
    },
  } as const
}
