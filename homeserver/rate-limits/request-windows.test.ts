import { expect, test } from 'vitest'
import { RequestWindows, type WindowSize } from './request-windows.ts'

const SIZE: WindowSize = { windowMs: 1_000, sleepLimit: 1_000, sleepMs: 0, rejectLimit: 5, concurrent: 2 }

/** Work that ends when it is told to. */
function held() {
  const ends: (() => void)[] = []
  let running = 0
  let most = 0
  const work = async (): Promise<string> => {
    running += 1
    most = Math.max(most, running)
    await new Promise<void>((resolve) => ends.push(resolve))
    running -= 1
    return 'done'
  }
  const endAll = async (): Promise<void> => {
    for (let round = 0; round < 50; round++) {
      for (const end of ends.splice(0)) end()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { work, endAll, most: () => most }
}

test('few are worked on at a time, some wait, and the rest is refused', async () => {
  const windows = new RequestWindows(SIZE)
  const { work, endAll, most } = held()
  const asked = Array.from({ length: 10 }, () => windows.take('flood', work))
  const results = Promise.allSettled(asked)
  expect(await Promise.race([windows.take('calm', () => 'at once'), results])).toBe('at once')
  await endAll()
  const settled = await results
  expect(settled.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 7 }, () => 'fulfilled'),
    ...Array.from({ length: 3 }, () => 'rejected'),
  ])
  expect(settled.at(-1)).toMatchObject({
    reason: { status: 429, errcode: 'M_LIMIT_EXCEEDED', fields: { retry_after_ms: 1_000 } },
  })
  expect(most()).toBe(2)
  const again = windows.take('flood', work)
  await endAll()
  expect(await again).toBe('done')
})

test('who asks much in one window is slowed down until the next', async () => {
  let now = 0
  const windows = new RequestWindows({ ...SIZE, sleepLimit: 2, sleepMs: 40 }, () => now)
  const timed = async (): Promise<number> => {
    const start = performance.now()
    await windows.take('much', () => undefined)
    return performance.now() - start
  }
  expect(Math.max(await timed(), await timed())).toBeLessThan(39)
  expect(await timed()).toBeGreaterThanOrEqual(39)
  now = 1_000
  expect(await timed()).toBeLessThan(39)
})

test('failing work gives its turn back', async () => {
  const windows = new RequestWindows({ ...SIZE, concurrent: 1, rejectLimit: 1 })
  for (let round = 0; round < 5; round++) {
    const broken = windows.take('broken', () => Promise.reject(new Error('broken')))
    await expect(broken).rejects.toThrow('broken')
  }
  expect(await windows.take('broken', () => 1)).toBe(1)
})
