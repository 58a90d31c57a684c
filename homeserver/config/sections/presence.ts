import { z } from 'zod'
import type { PresenceSettings } from '../../presence/presence-settings.ts'
import { duration } from '../values/duration.ts'

/** Who is about; the names and defaults are Synapse's, `federation` is ours. */
export const presenceKeys = {
  presence: z
    .strictObject({
      enabled: z.union([z.boolean(), z.literal('untracked')]).default(true),
      federation: z.boolean().default(false),
      include_offline_users_on_sync: z.boolean().default(false),
      last_active_granularity: duration.prefault('1m'),
      sync_online_timeout: duration.prefault('30s'),
      idle_timeout: duration.prefault('5m'),
    })
    .prefault({}),
}

type Keys = z.output<z.ZodObject<typeof presenceKeys>>

export function presenceConfig({ presence: keys }: Keys): PresenceSettings {
  const tells = keys.enabled !== false
  return {
    tells,
    tracks: keys.enabled === true,
    federates: tells && keys.federation,
    includesOffline: keys.include_offline_users_on_sync,
    activeMs: keys.last_active_granularity,
    syncGraceMs: keys.sync_online_timeout,
    idleMs: keys.idle_timeout,
  }
}
