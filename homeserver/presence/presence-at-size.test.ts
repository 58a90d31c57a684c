import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { EphemeralClock } from '../ephemeral/ephemeral-clock.ts'
import { Presence } from './presence.ts'
import { PresenceProvider } from './presence-provider.ts'

const USERS = 30_000
/** All are in the hall, and each in one of these with 29 others. */
const CELL_SIZE = 30
const HALL = 1 as RoomNid
const cellOf = (index: number) => (2 + Math.floor(index / CELL_SIZE)) as RoomNid
/** With their rooms and what the tests hold; a good server has 100,000 users in some 100 MB. */
const MAX_BYTES_PER_USER = 3_000
const MINUTE = 60_000

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'Date', 'performance'],
    }),
)
afterEach(() => void vi.useRealTimers())

const userOf = (index: number) => ({
  userNid: index as UserNid,
  userId: `@user${index}:here.test`,
  deviceId: 'D',
})
const joined = (roomNid: RoomNid): UserRoom => ({
  roomNid,
  membership: 'join',
  eventNid: undefined,
  since: 1 as StreamPosition,
  joinedAt: 1 as StreamPosition,
  outside: false,
})

function openPresence() {
  const woken = new Map<RoomNid, number>()
  const presence = new Presence({
    settings: {
      tracks: true,
      tells: true,
      federates: false,
      includesOffline: false,
      activeMs: MINUTE,
      syncGraceMs: MINUTE / 2,
      idleMs: 5 * MINUTE,
    },
    clock: new EphemeralClock(),
    roomsOf: async ({ userNid }) => [joined(HALL), joined(cellOf(userNid))],
    now: Date.now,
    wakeRoom: (roomNid) => void woken.set(roomNid, (woken.get(roomNid) ?? 0) + 1),
    onError: (error) => {
      throw error
    },
  })
  return { presence, woken }
}

it('thirty thousand who are about in one room wake the few beside them alone, and each is told of five hundred', async () => {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const { presence, woken } = openPresence()
  const ends = Array.from({ length: USERS }, (_, index) => presence.connect(userOf(index), 'online'))
  await vi.advanceTimersByTimeAsync(1)
  expect(presence.rooms.sizeOf(HALL)).toBe(USERS)
  globalThis.gc?.()
  expect((process.memoryUsage().heapUsed - before) / USERS).toBeLessThan(MAX_BYTES_PER_USER)

  await vi.advanceTimersByTimeAsync(2 * MINUTE)
  woken.clear()
  const seen = presence.clock.version
  expect([...presence.rooms.usersIn(HALL, undefined)]).toHaveLength(500)

  // A thousand go away. Each cell is woken once, the hall never, and the rest of the cells not at all.
  for (const end of ends.slice(0, 1_000)) end()
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(woken.has(HALL)).toBe(false)
  expect(woken.size).toBe(Math.ceil(1_000 / CELL_SIZE))
  const wakes = [...woken.values()].reduce((sum, times) => sum + times, 0)
  expect(wakes).toBeLessThanOrEqual(3 * woken.size)

  // Who comes by is told of those who went and of whom the hall tells: a bounded answer, however many are about.
  const told = [...presence.rooms.usersIn(HALL, seen)]
  expect(told).toHaveLength(500)
  expect(told.every(({ presence: shown }) => shown === 'offline')).toBe(true)
  expect([...presence.rooms.usersIn(HALL, presence.clock.version)]).toEqual([])

  // Whoever has asked meanwhile is told all the same.
  const quiet = userOf(USERS - 1)
  const provider = new PresenceProvider(presence, async () => ({ rooms: new Map([[HALL, joined(HALL)]]) }))
  const [gone] = [...presence.rooms.usersIn(HALL, undefined)].slice(-1)
  ends[gone!.userNid]!()
  presence.rooms.speak(HALL, presence.known(userOf(5_000).userNid)!)
  presence.sweep()
  const between = presence.clock.version
  await vi.advanceTimersByTimeAsync(MINUTE)
  const { fields } = await provider.read(
    quiet,
    {
      after: 1 as StreamPosition,
      upTo: 1 as StreamPosition,
      seen: { epoch: presence.clock.epoch, version: between },
      received: undefined,
      durableOnly: false,
    },
    { presence: {} },
  )
  const shown = JSON.parse(fields['presence'] ?? '{}') as {
    events: { sender: string; content: { presence: string } }[]
  }
  expect(shown.events.map(({ sender, content }) => [sender, content.presence])).toEqual(
    expect.arrayContaining([['@user5000:here.test', 'online']]),
  )
  presence.stop()
})
