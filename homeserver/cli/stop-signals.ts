const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/**
 * npm passes a terminal's Ctrl-C on although the terminal has sent it to us as well: one press arrives twice.
 * Only what comes later is a second press.
 */
const SAME_PRESS_MS = 1000
/** What a shell reports of a program that Ctrl-C has ended. */
const INTERRUPTED_STATUS = 130

/** The wish of the administrator, or of the system, that the server stop. */
export interface StopSignals {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal
  /** Resolves at the first signal. */
  readonly requested: Promise<void>
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP. A second press of Ctrl-C ends the process at once; its exit hooks take
 * the embedded database along.
 *
 * @param say told what happens, for the person at the terminal.
 */
export function listenForStopSignals(say: (line: string) => void): StopSignals {
  const controller = new AbortController()
  const requested = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  let firstAt: number | undefined
  const receive = (name: NodeJS.Signals): void => {
    const now = performance.now()
    if (firstAt === undefined) {
      firstAt = now
      say(name === 'SIGINT' ? 'Stopping. Press Ctrl-C again to stop at once.' : 'Stopping.')
      controller.abort()
    } else if (name === 'SIGINT' && now - firstAt > SAME_PRESS_MS) {
      say('Stopped at once.')
      process.exit(INTERRUPTED_STATUS)
    }
  }
  for (const name of SIGNALS) process.on(name, receive)
  return { signal: controller.signal, requested }
}
