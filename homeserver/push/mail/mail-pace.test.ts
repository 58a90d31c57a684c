import { expect, it } from 'vitest'
import { mailReadyTs, pauseAfterMail } from './mail-pace.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DELAY = 10 * MINUTE
const at = (ts: number) => ({ oldestTs: ts, newestTs: ts })

it('a room is silenced for ten minutes, two hours and then a day after each mail', () => {
  let pause = pauseAfterMail(at(0), undefined, DELAY)
  const pauses = [pause.pauseMs]
  for (let n = 1; n < 4; n++) {
    pause = pauseAfterMail(at(n * HOUR), pause, n * HOUR + DELAY)
    pauses.push(pause.pauseMs)
  }
  expect(pauses).toEqual([10 * MINUTE, 2 * HOUR, 24 * HOUR, 24 * HOUR])
  expect(pause).toEqual({ pauseMs: 24 * HOUR, untilTs: 27 * HOUR + DELAY, newestTs: 3 * HOUR })
})

it('is mailed about after the delay, and after its pause', () => {
  expect(mailReadyTs(at(HOUR), undefined, DELAY)).toBe(HOUR + DELAY)
  const pause = { untilTs: 3 * HOUR, pauseMs: 2 * HOUR, newestTs: HOUR }
  expect(mailReadyTs(at(HOUR), pause, DELAY)).toBe(3 * HOUR)
  expect(mailReadyTs(at(4 * HOUR), pause, DELAY)).toBe(4 * HOUR + DELAY)
})

it('what comes after half a day of quiet is news again', () => {
  const pause = { untilTs: 25 * HOUR, pauseMs: 24 * HOUR, newestTs: HOUR }
  const later = at(13 * HOUR + 1)
  expect(mailReadyTs(later, pause, DELAY)).toBe(13 * HOUR + 1 + DELAY)
  expect(pauseAfterMail(later, pause, 14 * HOUR).pauseMs).toBe(10 * MINUTE)
})
