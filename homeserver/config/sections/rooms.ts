import { z } from 'zod'
import { duration } from '../values/duration.ts'

const ROOM_VERSIONS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'] as const
const DEFAULT_ROOM_VERSION = '12'

/** How rooms and what is in them behave. */
export const roomKeys = {
  default_room_version: z
    .union([z.string(), z.int()])
    .transform(String)
    .pipe(z.enum(ROOM_VERSIONS))
    .prefault(DEFAULT_ROOM_VERSION),
  encryption_enabled_by_default_for_room_type: z
    .union([z.literal(false).transform(() => 'off' as const), z.enum(['all', 'invite', 'off'])])
    .prefault('off'),
  redaction_retention_period: duration.prefault('7d'),
  forget_rooms_on_leave: z.boolean().default(false),
  block_non_admin_invites: z.boolean().default(false),
  allow_public_rooms_without_auth: z.boolean().default(false),
  enable_room_list_search: z.boolean().default(true),
  require_auth_for_profile_requests: z.boolean().default(false),
  limit_profile_requests_to_users_who_share_rooms: z.boolean().default(false),
  enable_thread_subscriptions: z.boolean().default(false),
}

type Keys = z.output<z.ZodObject<typeof roomKeys>>

export interface RoomsConfig {
  readonly defaultRoomVersion: string
  /** Which new rooms start encrypted: all, those that are by invitation, or none of their own accord. */
  readonly encryptByDefault: 'all' | 'invite' | 'off'
  /** After this time the content of a redacted event is deleted for good. */
  readonly redactionRetentionMs: number
  readonly forgetOnLeave: boolean
  readonly blockNonAdminInvites: boolean
  readonly publicRoomsWithoutAuth: boolean
  readonly roomListSearch: boolean
  readonly profilesNeedAuth: boolean
  readonly profilesNeedSharedRoom: boolean
  /** Whether threads notify those alone who have subscribed to them (MSC4306). */
  readonly threadSubscriptions: boolean
}

export function roomsConfig(keys: Keys): RoomsConfig {
  return {
    defaultRoomVersion: keys.default_room_version,
    encryptByDefault: keys.encryption_enabled_by_default_for_room_type,
    redactionRetentionMs: keys.redaction_retention_period,
    forgetOnLeave: keys.forget_rooms_on_leave,
    blockNonAdminInvites: keys.block_non_admin_invites,
    publicRoomsWithoutAuth: keys.allow_public_rooms_without_auth,
    roomListSearch: keys.enable_room_list_search,
    profilesNeedAuth: keys.require_auth_for_profile_requests,
    profilesNeedSharedRoom: keys.limit_profile_requests_to_users_who_share_rooms,
    threadSubscriptions: keys.enable_thread_subscriptions,
  }
}
