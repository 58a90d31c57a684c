import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../../spec-tests/support/test-database.ts'
import { deviceChange } from './device-change.ts'
import { firstSend } from './first-send.ts'
import { gather } from './gather.ts'
import { openGround, type Device, type Ground } from './ground.ts'
import type { Cost } from './measure.ts'

const PASSABLE = 0o711
/** Users of each server in the small and in the large crowd. */
const [FEW, MANY] = [3, 12]
/** Rooms that all share. */
const [SOME_ROOMS, MORE_ROOMS] = [2, 8]
/** Upkeep asks something now and then, and what comes together is told together or one by one. */
const NOISE = 12
const TIMEOUT_MS = 180_000

let ground: Ground
const closing = new AsyncDisposableStack()

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-group-'))
  closing.defer(() => rm(directory, { recursive: true, force: true }))
  await chmod(directory, PASSABLE)
  const [north, south] = [await createTestDatabase(), await createTestDatabase()]
  closing.defer(async () => void (await Promise.all([north.close(), south.close()])))
  const databases = { north: north.address, south: south.address }
  ground = closing.use(await openGround(directory, databases, { usersEach: MANY, devicesEach: 2 }))
}, TIMEOUT_MS)
afterAll(() => closing.disposeAsync())

/** The first so many users of each server. */
function crowd(usersEach: number): readonly (readonly Device[])[] {
  return [...ground.north.users.slice(0, usersEach), ...ground.south.users.slice(0, usersEach)]
}

/** The first device of each but the one who owns the rooms. */
function othersOf(members: readonly (readonly Device[])[]): Device[] {
  return members.slice(1).map(([device]) => device!)
}

function expectAlike(one: Cost, other: Cost): void {
  expect(Math.abs(one.north - other.north)).toBeLessThanOrEqual(NOISE)
  expect(Math.abs(one.south - other.south)).toBeLessThanOrEqual(NOISE)
}

test(
  'the first message costs as many statements in a large room as in a small one',
  async () => {
    const costs = []
    for (const usersEach of [FEW, MANY]) {
      const members = crowd(usersEach)
      const roomId = await gather(ground, othersOf(members))
      costs.push(await firstSend(ground, members[0]![0]!, roomId, members))
    }
    const [small, large] = costs
    for (const step of ['query', 'queryAgain', 'claim', 'share', 'send'] as const)
      expectAlike(small![step], large![step])
  },
  TIMEOUT_MS,
)

test(
  'a change of a device costs the same in few rooms and in many, and grows with those who watch alone',
  async () => {
    const watching = async (usersEach: number): Promise<Cost> =>
      deviceChange(ground, ground.north.users[0]![0]!, othersOf(crowd(usersEach)), ++revision)
    let revision = 0
    for (let room = 0; room < SOME_ROOMS; room++) await gather(ground, othersOf(crowd(MANY)))
    const [fewInSome, manyInSome] = [await watching(FEW), await watching(MANY)]
    for (let room = SOME_ROOMS; room < MORE_ROOMS; room++) await gather(ground, othersOf(crowd(MANY)))
    const [fewInMore, manyInMore] = [await watching(FEW), await watching(MANY)]
    expectAlike(fewInSome, fewInMore)
    expectAlike(manyInSome, manyInMore)
    // A server that has just started has everything to learn about the rooms, and learns it at once.
    await ground.regions.north.stop()
    await ground.regions.north.start()
    expectAlike(manyInMore, await watching(MANY))
  },
  TIMEOUT_MS,
)
