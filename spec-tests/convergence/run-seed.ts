import { setTimeout as delay } from 'node:timers/promises'
import { readRoomContents, type RoomContents } from '../two-servers/room-contents.ts'
import { act, type Scene } from './act.ts'
import { openScene, reaches, type Cast } from './cast.ts'
import { differences } from './differences.ts'
import type { Mesh } from './mesh.ts'
import { planOf, SERVERS, type Stage } from './plan.ts'

/** After healing: the second time each has seen what the others said upon the first. */
const ROUNDS = 2
/** What a server still fetches when its peers' last words have arrived takes no longer. */
const AGREE_WITHIN_MS = 30_000
const POLL_MS = 100

/** What one run came to. */
export interface Outcome {
  readonly seed: number
  readonly roomVersion: string
  readonly roomId: string
  /** None when the servers have converged. */
  readonly differences: readonly string[]
  /** By server. */
  readonly contents: readonly RoomContents[]
  readonly seconds: number
}

/** Runs what a seed plans in a room of its own, heals the network and compares the servers. */
export async function runSeed(mesh: Mesh, cast: Cast, seed: number): Promise<Outcome> {
  const begun = performance.now()
  const plan = planOf(seed)
  const { regions } = mesh
  const { scene, earlier } = await openScene(regions, cast, plan)
  const down = new Set<number>()
  const revive = async (): Promise<void> => {
    await Promise.all([...down].map((server) => regions[server]!.start()))
    down.clear()
  }
  try {
    for (const stage of plan.stages) {
      const wasDown = [...down]
      await runStage(mesh, scene, stage, down)
      if (wasDown.length > 0 || stage.backAtOnce) await revive()
    }
  } finally {
    mesh.heal()
    await revive()
  }
  const unheard = await settle(mesh, cast, scene)
  const acknowledged = scene.acknowledged.flat()
  const compare = async () => {
    const contents = await Promise.all(
      regions.map(async (region) => readRoomContents(await region.database(), scene.roomId)),
    )
    return { contents, differences: [...unheard, ...differences({ contents, earlier, acknowledged })] }
  }
  const deadline = performance.now() + AGREE_WITHIN_MS
  let compared = await compare()
  while (compared.differences.length > unheard.length && performance.now() < deadline) {
    await delay(POLL_MS)
    compared = await compare()
  }
  const seconds = (performance.now() - begun) / 1_000
  return { seed, roomVersion: plan.roomVersion, roomId: scene.roomId, ...compared, seconds }
}

/**
 * After healing: the first user of each server speaks, and the next one when all servers have it, twice round.
 *
 * @returns what did not come to pass.
 */
async function settle({ regions }: Mesh, cast: Cast, { roomId }: Scene): Promise<string[]> {
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const user of cast.map(([anchor]) => anchor!)) {
        await reaches(regions, roomId, await user.say(roomId, `round ${round} of ${user.userId}`))
      }
    }
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

async function runStage(mesh: Mesh, scene: Scene, stage: Stage, down: Set<number>): Promise<void> {
  mesh.heal()
  for (const [from, to] of stage.cuts) mesh.cut(from, to)
  const half = Math.floor(stage.actions.length / 2)
  await play(scene, stage.actions.slice(0, half))
  const rest = play(scene, stage.actions.slice(half))
  const { killed } = stage
  if (killed !== undefined && !down.has(killed)) {
    await mesh.regions[killed]!.kill9()
    down.add(killed)
  }
  await rest
}

/** Each server's actions in their order, all servers at once. */
async function play(scene: Scene, actions: Stage['actions']): Promise<void> {
  await Promise.all(
    Array.from({ length: SERVERS }, async (_, server) => {
      for (const action of actions.filter(({ by }) => by.server === server)) await act(scene, action)
    }),
  )
}
