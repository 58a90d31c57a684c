import { rm, writeFile } from 'node:fs/promises'
import { loadConfig } from '../config/load-config.ts'
import { createLogger } from '../logging/create-logger.ts'
import type { RunningServer, StartServer } from './running-server.ts'
import { configSource, type SourceOptions } from './source-options.ts'
import { listenForStopSignals } from './stop-signals.ts'
import { welcome } from './welcome.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** `meridian start`: serves until a signal, then stops cleanly. */
export async function start(options: SourceOptions, startServer: StartServer): Promise<void> {
  const stop = listenForStopSignals(say)
  const config = await loadConfig(configSource(options))
  const log = createLogger(config.operations.logLevel)
  for (const notice of config.notices) log.warn(notice)
  let server: RunningServer
  try {
    server = await startServer(config, log, stop.signal)
  } catch (error) {
    if (stop.signal.aborted) return
    throw error
  }
  const { pidFile } = config.listeners
  try {
    if (pidFile) await writeFile(pidFile, `${process.pid}\n`)
    if (!stop.signal.aborted) say(welcome(config, server.addresses, await server.issueFirstAdminToken()))
    await stop.requested
  } finally {
    await server.close()
    if (pidFile) await rm(pidFile, { force: true })
  }
  say('Stopped.')
}
