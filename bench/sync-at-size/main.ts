import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { casesNamed } from './case.ts'
import { measureCase, type CaseResult } from './measure-case.ts'
import { row, table } from './report.ts'
import { PUBLISHED_SIZE } from './size.ts'
import { openWorkshop } from './workshop.ts'

/** PostgreSQL's own user must reach the database in it. */
const TRAVERSABLE = 0o755

const USAGE = `node bench/sync-at-size/main.ts [options]
  --data DIRECTORY  where the seeded database is kept for the next run; a temporary one when absent
  --case LIST       all, or of lazy-1, lazy-5, lazy-20, full-10, catch-up-20 (default all)
  --requests N      in a row, and again together (default 200: one of each user)
  --at-once N       how many together (default 20)
  --rooms N         rooms to seed (default ${PUBLISHED_SIZE.rooms})
  --json FILE       write the figures there as JSON
  --help            this text`

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    case: { type: 'string', default: 'all' },
    requests: { type: 'string', default: '200' },
    'at-once': { type: 'string', default: '20' },
    rooms: { type: 'string', default: String(PUBLISHED_SIZE.rooms) },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else await bench(values.data)

async function bench(kept: string | undefined): Promise<void> {
  const cases = casesNamed(values.case)
  const size = { ...PUBLISHED_SIZE, rooms: Number(values.rooms) }
  const course = { size, requests: Number(values.requests), atOnce: Number(values['at-once']) }
  const directory = kept ?? (await mkdtemp(join(tmpdir(), 'meridian-sync-at-size-')))
  if (kept === undefined) await chmod(directory, TRAVERSABLE)
  const workshop = await openWorkshop(directory, size)
  const { seedSeconds } = workshop
  if (seedSeconds !== undefined) console.log(`seeded in ${seedSeconds.toFixed(0)} s`)
  try {
    const results: CaseResult[] = []
    for (const one of cases) {
      const result = await measureCase(workshop, directory, one, course)
      console.log(row(result))
      results.push(result)
    }
    console.log(`\n${table(results)}`)
    if (values.json !== undefined) {
      await writeFile(values.json, JSON.stringify({ ...course, seedSeconds, results }, undefined, 2) + '\n')
    }
    if (results.some(({ faults }) => faults.length > 0)) process.exitCode = 1
  } finally {
    await workshop.stop()
    if (kept === undefined) await rm(directory, { recursive: true, force: true })
  }
}
