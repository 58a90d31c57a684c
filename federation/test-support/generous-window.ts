import type { WindowSize } from '../../homeserver/rate-limits/request-windows.ts'

/** As much as tests ask that are about something else. */
export const GENEROUS_WINDOW: WindowSize = {
  windowMs: 1_000,
  sleepLimit: 100_000,
  sleepMs: 1,
  rejectLimit: 100_000,
  concurrent: 100,
}
