import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { TellingPace, type PresenceNews } from './telling-pace.ts'
import { TrackedUser } from './tracked-user.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const users = Array.from({ length: 1_000 }, (_, index) => new TrackedUser(index as UserNid, `@u${index}:x`))
const room = 7 as RoomNid

function pace(cost: number) {
  const told: PresenceNews[] = []
  const telling = new TellingPace((news) => {
    told.push(news)
    return cost
  })
  return { told, telling }
}

it('tells of a thousand users who come at once with one wake of a room', () => {
  const { told, telling } = pace(1)
  for (const user of users) telling.add(user, [room])
  expect(told).toHaveLength(0)
  vi.advanceTimersByTime(100)
  expect(told).toHaveLength(1)
  expect([told[0]!.users.size, ...told[0]!.rooms]).toEqual([1_000, room])
  vi.advanceTimersByTime(60_000)
  expect(told).toHaveLength(1)
})

it('rests for as long as the wakes cost, but for a minute at most', () => {
  for (const [woken, restMs] of [
    [10_000, 5_000],
    [75_000, 37_500],
    [10_000_000, 60_000],
  ] as const) {
    const { told, telling } = pace(woken)
    telling.add(users[0]!, [room])
    vi.advanceTimersByTime(100)
    telling.add(users[1]!, [room])
    vi.advanceTimersByTime(restMs - 200)
    expect(told).toHaveLength(1)
    vi.advanceTimersByTime(200)
    expect(told.map(({ users: told }) => told.size)).toEqual([1, 1])
  }
})
