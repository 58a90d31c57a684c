import fc from 'fast-check'
import { expect, it } from 'vitest'
import { combineConfigs, StateSelector, type RequiredState } from './required-state.ts'

const TYPES = ['m.room.member', 'm.room.name', 'a']
const KEYS = ['', '@u:x', 'b']

const pattern = fc.record(
  { type: fc.constantFrom(...TYPES), stateKey: fc.constantFrom(...KEYS) },
  { requiredKeys: [] },
)
const patterns = fc.array(pattern, { maxLength: 4 })
const state: fc.Arbitrary<RequiredState> = fc.record({
  include: patterns,
  exclude: patterns,
  lazyMembers: fc.boolean(),
})
const places = TYPES.flatMap((type) => KEYS.map((stateKey) => [type, stateKey] as const))

it('combines to what any of the rules asks for', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(state, fc.nat(100)), { minLength: 1, maxLength: 4 }), (rules) => {
      const configs = rules.map(([one, timelineLimit]) => ({ state: one, timelineLimit }))
      const combined = combineConfigs(configs)
      expect(combined.timelineLimit).toBe(Math.max(...configs.map(({ timelineLimit }) => timelineLimit)))
      const selector = new StateSelector(combined.state)
      for (const [type, key] of places) {
        const asked = configs.some(({ state: one }) => new StateSelector([one]).matches(type, key))
        expect(selector.matches(type, key)).toBe(asked)
      }
      expect(JSON.stringify(combineConfigs(configs.toReversed()).state)).toBe(JSON.stringify(combined.state))
    }),
  )
})

it('is read by what it says of itself: no place that it matches is left out', () => {
  fc.assert(
    fc.property(fc.array(state, { maxLength: 3 }), (states) => {
      const selector = new StateSelector(states)
      const named = new Set(selector.places.map(({ type, stateKey }) => `${type}/${stateKey}`))
      for (const [type, key] of places) {
        if (!selector.matches(type, key)) continue
        const byAny = selector.anyType && (type !== 'm.room.member' || selector.anyMember)
        expect(named.has(`${type}/${key}`) || selector.types.includes(type) || byAny).toBe(true)
      }
    }),
  )
})

it('is lazy where a rule says so, unless another asks for all members', () => {
  const lazy = { include: [{}], exclude: [], lazyMembers: true }
  const all = { include: [{ type: 'm.room.member' }], exclude: [], lazyMembers: false }
  const without = { include: [{}], exclude: [{ type: 'm.room.member' }], lazyMembers: false }
  expect(new StateSelector([lazy]).lazy).toBe(true)
  expect(new StateSelector([lazy, without]).lazy).toBe(true)
  expect(new StateSelector([lazy, all]).lazy).toBe(false)
  expect(new StateSelector([lazy]).matches('m.room.member', '@u:x')).toBe(false)
  expect(new StateSelector([lazy, all]).matches('m.room.member', '@u:x')).toBe(true)
})
