import { mkdir, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { ComparisonDatabase } from './comparison-database.ts'
import type { Contestant } from './contestant.ts'
import { runBench } from './run-bench.ts'
import { startServer } from './running-server.ts'
import type { Entry } from './write-result.ts'

export interface Course {
  /** Directory that each run gets a new one in. */
  workshop: string
  database: ComparisonDatabase
  scenario: string
  seconds: string
}

/** Starts a contestant on an empty database, measures it, stops it, and adds what was found to its entry. */
export async function runContestant(
  contestant: Contestant,
  run: number,
  course: Course,
  entry: Entry,
): Promise<void> {
  const { workshop, database, scenario, seconds } = course
  const id = `${contestant.name}_${run}`
  const directory = join(workshop, id)
  await mkdir(directory)
  const ground = { directory, database: await database.fresh(id) }
  const file = join(directory, 'homeserver.yaml')
  const configuration = contestant.configuration(ground)
  await writeFile(file, configuration)
  entry.configuration = configuration.replaceAll(workshop, '/bench')
  const command = await contestant.prepare(ground, file)

  const [load = NaN] = loadavg()
  const server = await startServer(command, directory)
  try {
    const report = await runBench({ label: entry.title, pid: server.pid, scenario, seconds }, directory)
    entry.reports.push(report)
    entry.loadBefore.push(load)
  } finally {
    await server.stop()
  }
  await database.drop(id)
}
