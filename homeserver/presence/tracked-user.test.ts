import { expect, it } from 'vitest'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { PresenceState } from './presence-status.ts'
import { TrackedUser } from './tracked-user.ts'

const TIMES = { activeMs: 60_000, syncGraceMs: 30_000, idleMs: 300_000 }

/** A user, and what they show as the clock goes on. */
function someone() {
  const user = new TrackedUser(1 as UserNid, '@a:here.test')
  let now = 1_000_000
  return {
    user,
    now: () => now,
    after: (ms: number): PresenceState => {
      now += ms
      user.refresh(now, TIMES)
      return user.presence
    },
  }
}

it('is online while a device waits, and offline some time after', () => {
  const { user, now, after } = someone()
  expect(after(0)).toBe('offline')
  const end = user.connect('A', 'online', now)
  expect([after(0), user.currentlyActive]).toEqual(['online', true])
  expect([after(60_000), user.currentlyActive]).toEqual(['online', false])
  end()
  expect(after(29_999)).toBe('online')
  expect(after(1)).toBe('offline')
})

it('is unavailable without doing anything, whoever polls, until something is done', () => {
  const { user, now, after } = someone()
  user.connect('A', 'online', now)
  after(0)
  expect(after(299_999)).toBe('online')
  expect(after(1)).toBe('unavailable')
  user.connect('A', 'online', now)
  expect(after(0)).toBe('unavailable')
  user.act(now())
  expect([after(0), user.currentlyActive]).toEqual(['online', true])
})

it('shows the best of its devices', () => {
  const { user, now, after } = someone()
  user.connect('A', 'unavailable', now)
  expect(after(0)).toBe('unavailable')
  const end = user.connect('B', 'online', now)
  expect(after(0)).toBe('online')
  end()
  expect(after(30_000)).toBe('unavailable')
  user.choose('A', 'offline', now())
  expect(after(0)).toBe('offline')
})

it('believes another server for half an hour', () => {
  const { user, now, after } = someone()
  const status = { statusMsg: 'hi', lastActiveTs: now(), currentlyActive: true }
  user.hear({ presence: 'online', ...status }, now())
  expect([after(0), user.currentlyActive, user.statusMsg]).toEqual(['online', true, 'hi'])
  expect([after(30 * 60_000), user.currentlyActive]).toEqual(['offline', false])
})

it('counts a bounded number of devices', () => {
  const { user, now, after } = someone()
  for (let device = 0; device < 100; device++) user.connect(`D${device}`, 'unavailable', now)
  user.connect('one more', 'online', now)
  expect(after(0)).toBe('unavailable')
})
