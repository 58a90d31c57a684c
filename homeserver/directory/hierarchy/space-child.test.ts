import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { compareSpaceChildren, readSpaceChild } from './space-child.ts'

function child(stateKey: string, content: JsonObject, originServerTs = 1) {
  return readSpaceChild({ stateKey, sender: '@alice:here.test', content, originServerTs })
}

const VIA = ['here.test']

test('children go by their order, then by their time, then by their ids', () => {
  const children = [
    child('!e:here.test', { via: VIA }, 4),
    child('!d:here.test', { via: VIA, order: 'x'.repeat(51) }, 3),
    child('!f:here.test', { via: VIA, order: 'é' }, 4),
    child('!c:here.test', { via: VIA, order: 'b' }, 0),
    child('!b:here.test', { via: VIA, order: 'a' }, 2),
    child('!a:here.test', { via: VIA, order: ' ' }, 9),
  ].map((entry) => entry!)
  const order = children.toSorted(compareSpaceChildren).map(({ roomId }) => roomId[1])
  expect(order).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test('the order is total, so that pages fit together', () => {
  const keys = fc.record({
    order: fc.option(fc.string({ minLength: 1, maxLength: 2 }), { nil: undefined }),
    originServerTs: fc.integer({ min: 0, max: 2 }),
    roomId: fc.constantFrom('!a:here.test', '!b:here.test'),
  })
  const full = keys.map((key) => ({ ...key, via: VIA, suggested: false, stripped: {} }))
  fc.assert(
    fc.property(full, full, full, (a, b, c) => {
      expect(Math.sign(compareSpaceChildren(a, b))).toBe(0 - Math.sign(compareSpaceChildren(b, a)))
      const [first, second, third] = [a, b, c].toSorted(compareSpaceChildren)
      expect(compareSpaceChildren(first!, second!)).toBeLessThanOrEqual(0)
      expect(compareSpaceChildren(first!, third!)).toBeLessThanOrEqual(0)
    }),
  )
})

test.each([
  ['!a:here.test', {}],
  ['!a:here.test', { via: [] }],
  ['!a:here.test', { via: 'here.test' }],
  ['!a:here.test', { via: [7, 'no name'] }],
  ['no room', { via: VIA }],
])('%s with %j is no child', (stateKey, content) => {
  expect(child(stateKey, content)).toBeUndefined()
})
