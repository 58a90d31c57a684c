import { z } from 'zod'
import { duration } from '../values/duration.ts'

/** Gateways get notifications a little later when everybody would get them at once; more would be late. */
const MAX_JITTER_MS = 60_000

/** Notifying users' devices; the names of the first four and their defaults are Synapse's, the others are ours. */
export const pushKeys = {
  push: z
    .strictObject({
      enabled: z.boolean().default(true),
      include_content: z.boolean().default(true),
      group_unread_count_by_room: z.boolean().default(true),
      jitter_delay: duration.prefault('0s'),
      group_interval: duration.prefault('15s'),
      quiet_while_active: duration.prefault('10s'),
      allow_insecure_gateways: z.boolean().default(false),
    })
    .prefault({}),
}

type Keys = z.output<z.ZodObject<typeof pushKeys>>

export interface PushConfig {
  /** Whether notifications are sent; pushers can be set in any case. */
  readonly enabled: boolean
  /** Whether gateways are told what messages say. */
  readonly includesContent: boolean
  /** Whether badges count rooms and not messages. */
  readonly countsRooms: boolean
  /** Each notification waits for a random part of it. */
  readonly jitterMs: number
  /** A busy group notifies once in this time. */
  readonly groupIntervalMs: number
  /** How long a notification waits for a user who is just doing something; what is read meanwhile is not sent. */
  readonly quietMs: number
  readonly allowsInsecureGateways: boolean
}

export function pushConfig({ push: keys }: Keys): PushConfig {
  return {
    enabled: keys.enabled,
    includesContent: keys.include_content,
    countsRooms: keys.group_unread_count_by_room,
    jitterMs: Math.min(keys.jitter_delay, MAX_JITTER_MS),
    groupIntervalMs: keys.group_interval,
    quietMs: keys.quiet_while_active,
    allowsInsecureGateways: keys.allow_insecure_gateways,
  }
}
