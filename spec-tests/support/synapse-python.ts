import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireOrSkip } from './require-or-skip.ts'

/** Where `spec-tests/synapse/install.sh` puts it; the two agree on these names. */
const CACHE = join(import.meta.dirname, '..', '..', '.cache')
const INSTALLED = join(CACHE, 'synapse', 'bin', 'python')
const UNREACHABLE = join(CACHE, 'synapse-unreachable')

const run = promisify(execFile)
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The Python that has Synapse: that of `SYNAPSE_PYTHON`, or the installed one. */
export function synapsePython(): string {
  return process.env['SYNAPSE_PYTHON'] ?? INSTALLED
}

/**
 * Says whether the tests with a real Synapse must be skipped, as `requireOrSkip` does. A package index that the
 * installation could not reach is nobody's fault: it skips under REQUIRE_ALL=1 too.
 *
 * @throws Error under REQUIRE_ALL=1 when Synapse is missing for another reason.
 */
export async function skipWithoutSynapse(): Promise<boolean> {
  const works = await run(synapsePython(), ['-c', 'import synapse']).then(
    () => true,
    () => false,
  )
  if (!works && process.env['SYNAPSE_PYTHON'] === undefined && (await exists(UNREACHABLE))) {
    process.stderr.write('skipped, Synapse could not be installed: the Python package index is unreachable\n')
    return true
  }
  return requireOrSkip(
    'Synapse (spec-tests/synapse/install.sh installs it, or name its Python in SYNAPSE_PYTHON)',
    works,
  )
}
