import { expect, it } from 'vitest'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { RoomsWithUsers } from './rooms-with-users.ts'
import { TrackedUser } from './tracked-user.ts'

const HALL = 1 as RoomNid
const CELL = 2 as RoomNid
const user = (nid: number) => new TrackedUser(nid as UserNid, `@u${nid}:x`)

it('knows who is news in a room, and who has left', () => {
  const rooms = new RoomsWithUsers()
  const [a, b] = [user(1), user(2)]
  rooms.add(CELL, a, 1)
  rooms.add(CELL, b, 2)
  expect([...rooms.usersIn(CELL, 1)]).toEqual([b])
  expect([...rooms.usersIn(CELL, undefined)]).toEqual([a, b])
  a.version = 3
  expect(rooms.mark(a)).toEqual([CELL])
  expect([...rooms.usersIn(CELL, 2)]).toEqual([a])
  expect([rooms.hasNews([HALL], 0), rooms.hasNews([HALL, CELL], 2), rooms.hasNews([CELL], 3)]).toEqual([
    false,
    true,
    false,
  ])
  rooms.remove(CELL, a, () => 4)
  rooms.remove(CELL, b, () => 4)
  expect([rooms.sizeOf(CELL), [...rooms.usersIn(CELL, undefined)], a.rooms.size]).toEqual([0, [], 0])
})

it('tells in a room of very many of those who spoke last, and not at once', () => {
  const rooms = new RoomsWithUsers()
  let version = 1
  const take = () => ++version
  const all = Array.from({ length: 600 }, (_, index) => user(index))
  for (const member of all) rooms.add(HALL, member, 1)
  const [first, last] = [all[0]!, all[599]!]
  rooms.add(CELL, first, 1)
  const told = (after?: number) => [...rooms.usersIn(HALL, after)]
  expect(told()).toHaveLength(500)
  expect(told()).not.toContain(last)

  first.version = take()
  last.version = take()
  expect([rooms.mark(first), rooms.mark(last)]).toEqual([[CELL], []])
  expect([told(1), rooms.hasNews([HALL], 1)]).toEqual([[], false])
  rooms.speak(HALL, last)
  rooms.publishLarge(take)
  expect([rooms.hasNews([HALL], version - 1), rooms.hasNews([HALL], version)]).toEqual([true, false])
  expect(told(version - 1)).toEqual([last])
  expect(told()).toHaveLength(500)

  // The one who has been silent for longest made room, and what changes of them is told no more.
  first.version = take()
  rooms.mark(first)
  rooms.publishLarge(take)
  expect(told(version - 2)).toEqual([])

  const before = version
  for (const member of all.slice(100, 300)) rooms.remove(HALL, member, take)
  expect(told()).toHaveLength(400)
  expect(told(before)).toContain(first)
  last.version = take()
  expect(rooms.mark(last)).toEqual([HALL])
})
