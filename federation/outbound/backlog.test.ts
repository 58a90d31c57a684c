import { expect, test } from 'vitest'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { streamPosition } from '../../storage/position/position.ts'
import { Backlog } from './backlog.ts'

const ROOM = 1 as RoomNid
const OTHER = 2 as RoomNid
const at = streamPosition

function oldestOf(backlog: Backlog, roomNid: RoomNid) {
  return new Map(backlog.oldest()).get(roomNid)!
}

test('one span holds everything that a room goes on to say', () => {
  const backlog = new Backlog()
  backlog.add(ROOM, at(5), at(4))
  backlog.add(ROOM, at(9), at(8))
  backlog.add(OTHER, at(10), at(9))
  expect(backlog.spans()).toEqual([
    { roomNid: ROOM, after: 4, until: undefined },
    { roomNid: OTHER, after: 9, until: undefined },
  ])
})

test('a span ends when all of it has been told, and not before', () => {
  const backlog = new Backlog()
  backlog.add(ROOM, at(5), at(4))
  const span = oldestOf(backlog, ROOM)
  backlog.add(ROOM, at(9), at(8))
  backlog.advance(ROOM, span, at(5), 1)
  expect(backlog.isEmpty).toBe(false)
  backlog.advance(ROOM, span, at(9), 1)
  expect(backlog.isEmpty).toBe(true)
})

test('a stay that ended and one that began later are two spans', () => {
  const backlog = new Backlog()
  backlog.add(ROOM, at(5), at(4))
  backlog.close(ROOM, at(7))
  backlog.add(ROOM, at(6), at(5))
  backlog.add(ROOM, at(20), at(19))
  expect(backlog.spans()).toEqual([
    { roomNid: ROOM, after: 4, until: 7 },
    { roomNid: ROOM, after: 19, until: undefined },
  ])
  backlog.advance(ROOM, oldestOf(backlog, ROOM), at(7), 2)
  expect(backlog.spans()).toEqual([{ roomNid: ROOM, after: 19, until: undefined }])
})

test('a restored span without an end reaches to the cursor', () => {
  const backlog = new Backlog()
  backlog.restore({ roomNid: ROOM, after: at(4), until: undefined }, at(50))
  expect(oldestOf(backlog, ROOM).latest).toBe(50)
  backlog.add(ROOM, at(60), at(59))
  expect(oldestOf(backlog, ROOM).latest).toBe(60)
  expect(backlog.spans()).toHaveLength(1)
})
