import { describe, expect, it } from 'vitest'
import { stateTuple } from '../state/state-map.ts'
import { ALICE, at, CREATOR, TestRoom } from './test-room.ts'

const CHAIN = 30_000
const MEMBERS = 3_000

describe.each(['11', '12'])('room version %s', (version) => {
  it('walks auth chains that would overflow a recursive walk', () => {
    const base = new TestRoom(version).begin().joinRule('$public', CREATOR, 'public')
    const { room } = base
    const renamed = new Map(base.state)
    const place = stateTuple('m.room.member', ALICE)
    for (let index = 0; index < CHAIN; index++) {
      const spec = { id: `$a${index}`, type: 'm.room.member', key: ALICE, sender: ALICE }
      room.make({ ...spec, content: { membership: 'join' } }, renamed, 5, [])
      renamed.set(place, spec.id)
    }
    const early = new Map(renamed).set(place, '$a0')
    expect(at(room.resolve(early, renamed), 'm.room.member', ALICE)).toBe(`$a${CHAIN - 1}`)
  })

  it('resolves thousands of members on either side of a split', () => {
    const base = new TestRoom(version).begin().joinRule('$public', CREATOR, 'public')
    const sides = ['left', 'right'].map((side) => {
      const branch = base.fork()
      for (let index = 0; index < MEMBERS; index++) {
        branch.member(`$${side}${index}`, `@${side}${index}:example.org`, 'join')
      }
      return branch.state
    })
    expect(base.room.resolve(...sides).size).toBe(base.state.size + 2 * MEMBERS)
  })

  it('orders thousands of power events', () => {
    const base = new TestRoom(version).begin().joinRule('$public', CREATOR, 'public')
    const bans = base.fork()
    for (let index = 0; index < MEMBERS; index++) {
      bans.member(`$ban${index}`, `@user${index}:example.org`, 'ban', CREATOR)
    }
    expect(base.room.resolve(base.state, bans.state)).toEqual(bans.state)
  })
})
