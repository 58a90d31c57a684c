import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('as many as allowed work at once, the others in their order', async () => {
  const turns = new Turns(2)
  const log: string[] = []
  let together = 0
  await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((name) =>
      turns.take(async () => {
        log.push(name)
        together++
        expect(together).toBeLessThanOrEqual(2)
        await nextTurn()
        together--
      }),
    ),
  )
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('work that fails gives its place on', async () => {
  const turns = new Turns(1)
  const failed = turns.take(() => Promise.reject(new Error('no')))
  const after = turns.take(() => Promise.resolve('done'))
  await expect(failed).rejects.toThrow('no')
  expect(await after).toBe('done')
})
