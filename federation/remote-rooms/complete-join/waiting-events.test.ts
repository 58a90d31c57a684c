import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CheckedPdu } from '../../keys/verification/verification-threads.ts'
import { WaitingEvents } from './waiting-events.ts'

function event(eventId: string, authEvents: readonly string[]): CheckedPdu {
  return { ok: true, eventId, roomId: '!room:test', authEvents, text: Buffer.alloc(0) }
}

/** Events `0` to `n`, each of which leans on some before it, and on one that was here all along. */
const chains = fc
  .array(fc.array(fc.nat({ max: 1_000 }), { maxLength: 4 }), { minLength: 1, maxLength: 60 })
  .map((causes) =>
    causes.map((of, index) =>
      event(`${index}`, ['here', ...of.filter((cause) => cause < index).map((cause) => `${cause}`)]),
    ),
  )
const arrivals = chains.chain((events) =>
  fc.tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.integer({ min: 1, max: 9 })),
)

test('whatever the order in which events come, each leaves once and after its causes', () => {
  fc.assert(
    fc.property(arrivals, ([events, limit]) => {
      const waiting = new WaitingEvents(['here'])
      const gone = new Set(['here'])
      const leave = (): void => {
        for (const { eventId, authEvents } of waiting.leave(limit)) {
          expect(gone).not.toContain(eventId)
          expect(authEvents.every((id) => gone.has(id))).toBe(true)
          gone.add(eventId)
        }
      }
      for (const each of events) {
        waiting.add(each)
        if (waiting.ready >= limit) leave()
      }
      while (waiting.ready > 0) leave()
      expect(gone.size).toBe(events.length + 1)
      expect(waiting.missing).toEqual([])
    }),
  )
})

test('what leans on an event that nobody told waits, until it turns out to be here', () => {
  const waiting = new WaitingEvents([])
  waiting.add(event('grandchild', ['child']))
  waiting.add(event('child', ['elsewhere', 'elsewhere']))
  expect(waiting.ready).toBe(0)
  expect(waiting.missing.toSorted()).toEqual(['child', 'elsewhere'])
  waiting.found('elsewhere')
  expect(waiting.leave(9).map(({ eventId }) => eventId)).toEqual(['child', 'grandchild'])
})

test('events in a circle never leave', () => {
  const waiting = new WaitingEvents([])
  for (const [id, cause] of [
    ['a', 'b'],
    ['b', 'a'],
    ['self', 'self'],
  ] as const)
    waiting.add(event(id, [cause]))
  expect(waiting.ready).toBe(0)
})
