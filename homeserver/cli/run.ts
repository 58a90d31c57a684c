import { DatabaseUnusableError } from '../../storage/embedded/database-unusable-error.ts'
import { ConfigError } from '../config/config-error.ts'
import { createProgram } from './program.ts'
import type { StartServer } from './running-server.ts'

/** Errors whose message is meant for the administrator; of all others the stack matters as well. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DatabaseUnusableError) return error.message
  if (!(error instanceof Error)) return String(error)
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${address} is in use. Stop the other program, or choose another port in listeners.`
  }
  const expected = 'code' in error || error.constructor === Error
  return expected ? error.message : (error.stack ?? error.message)
}

/** Runs one command of the command line and ends the process with its status. */
export async function run(args: readonly string[], startServer: StartServer): Promise<never> {
  try {
    await createProgram(startServer).parseAsync([...args], { from: 'user' })
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exitCode = 1
  }
  // Idle connections and timers that a library keeps must not hold back a command that has done its work.
  process.exit()
}
