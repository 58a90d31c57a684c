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
  rooms.remove(CELL, a)
  rooms.remove(CELL, b)
  expect([rooms.sizeOf(CELL), [...rooms.usersIn(CELL, undefined)], a.rooms.size]).toEqual([0, [], 0])
})

it('tells nobody in a room of very many, but those who share a small one', () => {
  const rooms = new RoomsWithUsers()
  const all = Array.from({ length: 600 }, (_, index) => user(index))
  for (const member of all) rooms.add(HALL, member, 1)
  rooms.add(CELL, all[0]!, 1)
  expect(rooms.mark(all[0]!)).toEqual([CELL])
  expect([...rooms.usersIn(HALL, undefined)]).toEqual([])
  expect(rooms.hasNews([HALL], 0)).toBe(false)
  expect([...rooms.usersIn(CELL, undefined)]).toEqual([all[0]])
})
