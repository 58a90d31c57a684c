import { randomInt } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startTestCluster } from '../support/test-cluster.ts'
import { createDatabase, dropDatabase, inDatabase } from '../../storage/embedded/databases.ts'
import { registerCast } from './cast.ts'
import { differentStates, eventStates } from './event-states.ts'
import { startMesh, type Mesh } from './mesh.ts'
import { SERVERS } from './plan.ts'
import { runSeed, type Outcome } from './run-seed.ts'

const USAGE = `npm run convergence -- [options]
  --seeds N         runs, with seeds from --from on (default 200)
  --from SEED       the first seed; a random one when absent
  --seed SEED       this one alone
  --failures DIR    where to write what the servers held after a run that did not converge
  --help            this text`

const MAX_SEED = 2 ** 31

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string' },
    seed: { type: 'string' },
    failures: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

// Servers and database end when the process exits, which a signal alone does not make it do.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

if (values.help) console.log(USAGE)
else await runAll()

async function runAll(): Promise<void> {
  const first = Number(values.seed ?? values.from ?? randomInt(MAX_SEED))
  const count = values.seed === undefined ? Number(values.seeds) : 1
  await using closing = new AsyncDisposableStack()
  const cluster = await startTestCluster()
  closing.defer(() => cluster.stop())
  const databases = Array.from({ length: SERVERS }, (_, index) => `convergence_${process.pid}_${index}`)
  for (const name of databases) {
    await createDatabase(cluster.address, name, cluster.template)
    closing.defer(() => dropDatabase(cluster.address, name))
  }
  const mesh = closing.use(await startMesh(databases.map((name) => inDatabase(cluster.address, name))))
  const cast = await registerCast(mesh.regions)
  let converged = 0
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await runSeed(mesh, cast, seed).catch((error: unknown) => asFailure(seed, error))
    if (outcome.differences.length === 0) converged += 1
    else process.exitCode = 1
    console.log(describe(outcome))
    if (outcome.differences.length > 0 && values.failures !== undefined)
      await keep(values.failures, outcome, mesh)
  }
  console.log(`${converged} of ${count} runs converged: seeds ${first} to ${first + count - 1}`)
}

function asFailure(seed: number, error: unknown): Outcome {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { seed, roomVersion: '?', roomId: '?', differences: [reason], contents: [], seconds: 0 }
}

function describe({ seed, roomVersion, contents, differences, seconds }: Outcome): string {
  const counts = contents.map(({ events }) => events.filter(({ outlier }) => !outlier).length).join(' ')
  const softFailed = contents.map(
    ({ events }) => events.filter(({ verdict }) => verdict === 'soft-failed').length,
  )
  const line = `seed ${seed}, version ${roomVersion}: events ${counts}, soft-failed ${softFailed.join(' ')}, ${seconds.toFixed(1)} s`
  return [line, ...differences.map((difference) => `  ${difference}`)].join('\n')
}

async function keep(directory: string, outcome: Outcome, { regions }: Mesh): Promise<void> {
  const logs = regions.map((region) => region.output())
  const states = await Promise.all(
    regions.map(async (region) => eventStates(await region.database(), outcome.roomId)),
  )
  await mkdir(directory, { recursive: true })
  const contents = outcome.contents.map(({ events, state, extremities }) => ({
    events,
    state: Object.fromEntries(state),
    extremities,
  }))
  await writeFile(
    join(directory, `${outcome.seed}.json`),
    JSON.stringify({ ...outcome, states: differentStates(states), contents, logs }, undefined, 1),
  )
}
