import { run } from './cli/run.ts'
import type { StartServer } from './cli/running-server.ts'

/** Loaded only by the command that serves: the others answer without it at once. */
const startServer: StartServer = async (config, log, signal) => {
  const context = await import('./context.ts')
  return context.startServer(config, log, signal)
}

await run(process.argv.slice(2), startServer)
