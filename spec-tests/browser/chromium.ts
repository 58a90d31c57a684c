import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { requireOrSkip } from '../support/require-or-skip.ts'

/** Where Debian's package puts it. */
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Whether tests in a browser must be left out here. */
export function withoutChromium(): boolean {
  return requireOrSkip('chromium (apt-get install chromium)', existsSync(EXECUTABLE))
}

/** Starts a browser without a window. @param more further arguments. */
export function startChromium(more: readonly string[] = []): Promise<Browser> {
  // Containers run as root and have little shared memory; the pages are our own.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
  return chromium.launch({ executablePath: EXECUTABLE, args: [...args, ...more] })
}
