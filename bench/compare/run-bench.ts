import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Report } from '../report/outcome.ts'
import { SHARED_SECRET } from './contestant.ts'
import { URL_OF_SERVER } from './running-server.ts'

export interface BenchOptions {
  label: string
  pid: number
  scenario: string
  seconds: string
}

/** Runs the load generator in a process of its own, so that no run inherits the heap of the one before. */
export async function runBench(options: BenchOptions, directory: string): Promise<Report> {
  const report = join(directory, 'report.json')
  const parameters = [
    ...['--url', URL_OF_SERVER, '--shared-secret', SHARED_SECRET, '--json', report],
    ...['--label', options.label, '--pid', String(options.pid)],
    ...['--scenario', options.scenario, '--seconds', options.seconds],
  ]
  const main = join(import.meta.dirname, '..', 'main.ts')
  const child = spawn(process.execPath, [main, ...parameters], { stdio: ['ignore', 'inherit', 'inherit'] })
  await once(child, 'close')
  return JSON.parse(await readFile(report, 'utf8')) as Report
}
