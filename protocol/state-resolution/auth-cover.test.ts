import fc from 'fast-check'
import { expect, it } from 'vitest'
import { reachableAmong } from './auth-chain.ts'
import { AuthCover } from './auth-cover.ts'

const NODES = 12
const node = fc.nat(NODES - 1).map(String)
const graph = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: NODES, maxLength: NODES })
  .map((edges) => edges.map((cited, index) => (index === 0 ? [] : cited.map((id) => String(id % index)))))
const all = Array.from({ length: NODES }, (_, index) => String(index))

it('covers what a state reaches, whatever it became the state by, and with some events left out', () => {
  fc.assert(
    fc.property(
      graph,
      fc.array(fc.tuple(node, fc.boolean()), { maxLength: 30 }),
      fc.array(node, { maxLength: 4 }),
      (graphEdges, changes, left) => {
        const edges = (id: string): readonly string[] | undefined => graphEdges[Number(id)]
        const reached = (ids: Iterable<string>): string[] =>
          [...reachableAmong(new Set(all), ids, edges)].toSorted()
        const cover = new AuthCover()
        const state = new Set<string>()
        const covered = (): string[] => all.filter((id) => cover.has(id)).toSorted()
        for (const [id, isThere] of changes) {
          if (isThere && !state.has(id)) cover.add(id, edges)
          if (!isThere && state.has(id)) cover.remove(id)
          if (isThere) state.add(id)
          else state.delete(id)
          expect(covered()).toEqual(reached(state))
        }
        const without = new Set(left.filter((id) => state.has(id)))
        const rest = [...state].filter((id) => !without.has(id))
        expect([...cover.coveredWithout(without, all)].toSorted()).toEqual(reached(rest))
        expect(covered()).toEqual(reached(state))
        expect(cover.size).toBe(covered().length)
      },
    ),
    { numRuns: 500 },
  )
})

it('refuses to take out what is not there', () => {
  expect(() => new AuthCover().remove('$a')).toThrow(RangeError)
})
