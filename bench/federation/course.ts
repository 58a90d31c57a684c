import type { PeerRoom } from '../../federation/test-support/peer-room.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'

/** Server-server API, "Transactions". */
export const PDUS_PER_TRANSACTION = 50

/** How the events of a case follow each other. */
export interface Course {
  readonly title: string
  /** Makes the events of one transaction, which follow those of the one before. */
  transaction(room: PeerRoom): readonly RoomEvent[]
}

/** Each event follows the one before it. */
const chain: Course = {
  title: 'one after the other',
  transaction: (room) => Array.from({ length: PDUS_PER_TRANSACTION }, () => room.next({})),
}

/** Side by side from the newest event; the first of the next transaction joins them again, as far as it may. */
function forked(branches: number, stateEvery: number | undefined, title: string): Course {
  let ends: readonly string[] = []
  return {
    title,
    transaction(room) {
      const join = room.next(ends.length === 0 ? {} : { prevEvents: ends.slice(0, MAX_PREV_EVENTS) })
      const events = [join]
      const newest = Array.from({ length: branches }, () => join.eventId)
      while (events.length < PDUS_PER_TRANSACTION) {
        const branch = events.length % branches
        const isState = stateEvery !== undefined && events.length % stateEvery === 0
        const place = isState
          ? { type: 'm.room.topic', stateKey: '', content: { topic: `${events.length}` } }
          : {}
        const event = room.build({
          ...place,
          prevEvents: [newest[branch]!],
          depth: join.depth + events.length,
        })
        newest[branch] = event.eventId
        events.push(event)
      }
      ends = newest
      return events
    },
  }
}

/** Room versions allow 20. */
const MAX_PREV_EVENTS = 20

/** The worst that a server is likely to do to a room: every event a state of its own, and hardly any brought together. */
export function stateForks(): Course {
  return forked(49, 1, '49 branches, every event another topic')
}

/** What is measured, in this order. */
export function courses(): readonly Course[] {
  return [
    chain,
    forked(5, undefined, '5 branches of messages'),
    forked(5, 10, '5 branches, every 10th event another topic'),
    forked(49, undefined, '49 branches of messages: nearly as many forward extremities as are kept'),
    forked(49, 2, '49 branches, every 2nd event another topic'),
  ]
}
