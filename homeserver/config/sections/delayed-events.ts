import { z } from 'zod'
import { duration } from '../values/duration.ts'

/** Events that clients schedule (MSC4140). */
export const delayedEventKeys = {
  max_event_delay_duration: duration.prefault('24h'),
  max_delayed_events_per_user: z.int().nonnegative().default(100),
}

type Keys = z.output<z.ZodObject<typeof delayedEventKeys>>

export interface DelayedEventsConfig {
  readonly maxDelayMs: number
  /** Those that wait at the same time; none where it is 0. */
  readonly maxScheduled: number
}

export function delayedEventsConfig(keys: Keys): DelayedEventsConfig {
  return { maxDelayMs: keys.max_event_delay_duration, maxScheduled: keys.max_delayed_events_per_user }
}
