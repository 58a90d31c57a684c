import type { MailPause } from '../../../storage/pushers/mail-pauses.ts'

/** After the first mail about a room; the same as in Synapse, and the last one too. */
const FIRST_PAUSE_MS = 10 * 60_000
/** Ten minutes, two hours, a day: who does not read is mailed about a busy room once a day in the end. */
const GROWTH = 12
const LAST_PAUSE_MS = 24 * 3_600_000
/** A room in which nothing was said for so long is news again, as in Synapse. */
export const QUIET_MS = 12 * 3_600_000

/** When what is unread of a room came; milliseconds since the epoch. */
export interface UnreadTimes {
  readonly oldestTs: number
  readonly newestTs: number
}

/** When a room may be mailed about: after the delay, and after its pause unless it was quiet for long. */
export function mailReadyTs(unread: UnreadTimes, pause: MailPause | undefined, delayMs: number): number {
  const ready = unread.oldestTs + delayMs
  return pause && !wasQuiet(unread, pause) ? Math.max(ready, pause.untilTs) : ready
}

/** The pause of a room that a mail has just told of. */
export function pauseAfterMail(unread: UnreadTimes, before: MailPause | undefined, now: number): MailPause {
  const grows = before && !wasQuiet(unread, before)
  const pauseMs = grows ? Math.min(before.pauseMs * GROWTH, LAST_PAUSE_MS) : FIRST_PAUSE_MS
  return { untilTs: now + pauseMs, pauseMs, newestTs: unread.newestTs }
}

function wasQuiet({ oldestTs }: UnreadTimes, { newestTs }: MailPause): boolean {
  return oldestTs - newestTs > QUIET_MS
}
