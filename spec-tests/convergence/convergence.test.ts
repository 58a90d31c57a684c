import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../support/test-database.ts'
import { registerCast, type Cast } from './cast.ts'
import { startMesh, type Mesh } from './mesh.ts'
import { planOf, SERVERS } from './plan.ts'
import { runSeed } from './run-seed.ts'

/** What each of them once brought to light stands in docs/results/convergence.md. */
const FIXED_SEEDS = [1, 5, 8]
const RANDOM_SEEDS = [randomInt(2 ** 31), randomInt(2 ** 31)]
const TIMEOUT_MS = 180_000

const closing = new AsyncDisposableStack()
let mesh: Mesh
let cast: Cast

beforeAll(async () => {
  const databases = await Promise.all(Array.from({ length: SERVERS }, () => createTestDatabase()))
  closing.defer(async () => void (await Promise.all(databases.map((database) => database.close()))))
  mesh = closing.use(await startMesh(databases.map(({ address }) => address)))
  cast = await registerCast(mesh.regions)
}, TIMEOUT_MS)
afterAll(() => closing.disposeAsync())

/** The name says how to run the seed again. */
test.each([...FIXED_SEEDS, ...RANDOM_SEEDS])(
  'five servers agree after kills and partitions: npm run convergence -- --seed %i',
  async (seed) => {
    const { differences } = await runSeed(mesh, cast, seed)
    const logs = mesh.regions.map((region) => `--- ${region.serverName}:\n${region.output()}`)
    expect(differences, logs.join('\n')).toEqual([])
  },
  TIMEOUT_MS,
)

test('no plan has a join rule that its room version does not know: the room would lose whole servers by it', () => {
  const rules = new Map<string, Set<string>>()
  for (let seed = 0; seed < 500; seed++) {
    const { roomVersion, stages } = planOf(seed)
    const seen = rules.get(roomVersion) ?? new Set()
    rules.set(roomVersion, seen)
    for (const { actions } of stages)
      for (const action of actions) if (action.kind === 'join-rule') seen.add(action.rule)
  }
  for (const version of ['2', '3', '6']) expect(rules.get(version)).toEqual(new Set(['public', 'invite']))
  for (const version of ['8', '12']) expect(rules.get(version)).toContain('knock')
})
