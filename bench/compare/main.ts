import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startComparisonDatabase } from './comparison-database.ts'
import type { Contestant } from './contestant.ts'
import { meridian } from './meridian.ts'
import { runContestant } from './run-contestant.ts'
import { synapse } from './synapse.ts'
import { type Entry, writeResult } from './write-result.ts'

/** PostgreSQL's own user must reach the database in it, or it is put elsewhere and outlives the comparison. */
const TRAVERSABLE = 0o755

const USAGE = `node bench/compare/main.ts --out DIRECTORY [options]
  --synapse VENV   virtual environment with matrix-synapse[postgres]
  --only NAME      meridian or synapse alone
  --runs N         interleaved runs of each (default 3)
  --scenario LIST  as for bench/main.ts (default all)
  --seconds N      as for bench/main.ts (default 10)`

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    synapse: { type: 'string' },
    only: { type: 'string' },
    runs: { type: 'string', default: '3' },
    scenario: { type: 'string', default: 'all' },
    seconds: { type: 'string', default: '10' },
  },
})

const contestants = [meridian, ...(values.synapse === undefined ? [] : [synapse(values.synapse)])].filter(
  ({ name }) => values.only === undefined || values.only === name,
)

if (values.out === undefined || contestants.length === 0) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  await compare(values.out)
}

async function compare(out: string): Promise<void> {
  const { scenario, seconds } = values
  const runs = Number(values.runs)
  const workshop = await mkdtemp(join(tmpdir(), 'meridian-bench-'))
  await chmod(workshop, TRAVERSABLE)
  const database = await startComparisonDatabase(join(workshop, 'postgresql'))
  try {
    const lanes: { contestant: Contestant; entry: Entry }[] = []
    for (const contestant of contestants) {
      const [name, title] = [contestant.name, await contestant.title()]
      lanes.push({ contestant, entry: { name, title, configuration: '', reports: [], loadBefore: [] } })
    }
    for (let run = 1; run <= runs; run++) {
      // Every other run goes the other way round, so that neither server always meets the warmer machine.
      for (const { contestant, entry } of run % 2 === 1 ? lanes : lanes.toReversed()) {
        console.log(`\n== run ${run} of ${runs}: ${entry.title}`)
        await runContestant(contestant, run, { workshop, database, scenario, seconds }, entry)
      }
    }
    const entries = lanes.map(({ entry }) => entry)
    await writeResult(out, { settings: database.settings, seconds, entries })
  } finally {
    await database.stop()
    await rm(workshop, { recursive: true, force: true })
  }
}
