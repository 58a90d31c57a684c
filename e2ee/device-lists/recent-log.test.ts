import { expect, it } from 'vitest'
import { streamPosition } from '../../storage/position/position.ts'
import { RecentLog } from './recent-log.ts'

const at = streamPosition

it('tells of stretches, and knows where its memory ends', () => {
  const log = new RecentLog<string>(at(10), 2)
  for (const [position, fact] of [
    [11, 'a'],
    [12, 'b'],
    [14, 'c'],
  ] as const)
    log.add(at(position), fact)
  expect(log.between(at(9), at(20))).toBeUndefined()
  expect(log.between(at(10), at(20))).toEqual(['a', 'b', 'c'])
  expect(log.between(at(11), at(13))).toEqual(['b'])
  log.add(at(15), 'd')
  expect(log.between(at(11), at(20))).toBeUndefined()
  expect(log.between(at(12), at(20))).toEqual(['c', 'd'])
})
