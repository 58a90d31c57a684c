import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LocalEphemeralBus, MAX_TYPING_MS } from './typing.ts'

const ROOM = '!room:here.test'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('typing', () => {
  it('begins, is told, and ends by itself', () => {
    const bus = new LocalEphemeralBus()
    const told: string[] = []
    bus.onChange((roomId) => told.push(roomId))
    bus.setTyping(ROOM, '@a:x', 1_000)
    bus.setTyping(ROOM, '@b:x', MAX_TYPING_MS * 10)
    expect(bus.typingIn(ROOM)).toEqual(['@a:x', '@b:x'])
    vi.advanceTimersByTime(1_000)
    expect(bus.typingIn(ROOM)).toEqual(['@b:x'])
    vi.advanceTimersByTime(MAX_TYPING_MS)
    expect(bus.typingIn(ROOM)).toEqual([])
    expect(told).toEqual([ROOM, ROOM, ROOM, ROOM])
    expect([bus.versionOf(ROOM), bus.version]).toEqual([4, 4])
  })

  it('goes on when it is said again, and that is no change', () => {
    const bus = new LocalEphemeralBus()
    bus.setTyping(ROOM, '@a:x', 1_000)
    vi.advanceTimersByTime(900)
    bus.setTyping(ROOM, '@a:x', 1_000)
    vi.advanceTimersByTime(900)
    expect(bus.typingIn(ROOM)).toEqual(['@a:x'])
    expect(bus.versionOf(ROOM)).toBe(1)
    bus.setTyping(ROOM, '@a:x', undefined)
    bus.setTyping(ROOM, '@a:x', undefined)
    expect(bus.typingIn(ROOM)).toEqual([])
    expect(bus.versionOf(ROOM)).toBe(2)
  })

  it('has another epoch in every life', () => {
    expect(new LocalEphemeralBus().epoch).not.toBe(new LocalEphemeralBus().epoch)
  })
})
