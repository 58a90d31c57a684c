import { expect, test } from 'vitest'
import { PAUSE, type Steps } from '../../../protocol/state-resolution/steps.ts'
import { inSlices, STEPS_PER_SLICE } from './in-slices.ts'

const STEPS = 1_000

test('others have their turn after so many steps, and what is asked for is there', async () => {
  const asked: string[] = []
  let taken = 0
  function* work(): Steps<string> {
    for (; taken < STEPS; taken++) {
      if (taken % 100 === 50) {
        yield { events: [`$${taken}`] }
        expect(asked.at(-1)).toBe(`$${taken}`)
      } else yield PAUSE
    }
    return 'done'
  }
  let longest = 0
  let before = 0
  let isDone = false
  const watch = (): void => {
    longest = Math.max(longest, taken - before)
    before = taken
    if (!isDone) setImmediate(watch)
  }
  setImmediate(watch)
  const result = await inSlices(work(), async ({ events }) => void asked.push(...(events ?? [])))
  isDone = true
  expect(result).toBe('done')
  expect(asked).toHaveLength(STEPS / 100)
  expect(longest).toBeGreaterThan(0)
  expect(longest).toBeLessThanOrEqual(STEPS_PER_SLICE)
})
