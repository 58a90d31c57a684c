import { describe, expect, it } from 'vitest'
import { ALICE, at, BOB, type Branch, CAROL, CREATOR, EVE, TestRoom } from './test-room.ts'

const USERS = { [CREATOR]: 100, [ALICE]: 100, [BOB]: 50 }

function publicRoom(): Branch {
  return new TestRoom('1')
    .begin()
    .powers('$powers:a', CREATOR, USERS)
    .joinRule('$public:a', CREATOR, 'public')
    .member('$alice:a', ALICE, 'join')
    .member('$bob:a', BOB, 'join')
    .member('$carol:a', CAROL, 'join')
}

describe('state resolution version 1', () => {
  it('does not call it a conflict where one state lacks an event', () => {
    const base = publicRoom()
    const closed = base.fork().topic('$topic:a', BOB)
    const resolved = base.room.resolve(base.state, closed.state)
    expect(resolved).toEqual(closed.state)
  })

  it('goes on with each power levels event that the one before it allows', () => {
    const base = publicRoom()
    const one = base.fork().powers('$one:a', ALICE, { ...USERS, [CAROL]: 10 })
    const deeper = base
      .fork()
      .topic('$filler:a', ALICE)
      .powers('$deeper:a', BOB, { ...USERS, [CAROL]: 10, [EVE]: 5 })
    expect(at(base.room.resolve(one.state, deeper.state), 'm.room.power_levels')).toBe('$deeper:a')
  })

  it('stops at the first power levels event that the one before it forbids', () => {
    const base = publicRoom()
    const one = base.fork().powers('$one:a', ALICE, { ...USERS, [BOB]: 0 })
    const deeper = base
      .fork()
      .topic('$filler:a', ALICE)
      .powers('$deeper:a', BOB, { ...USERS, [EVE]: 5 })
    expect(at(base.room.resolve(one.state, deeper.state), 'm.room.power_levels')).toBe('$one:a')
  })

  it('settles join rules before members', () => {
    const base = publicRoom().member('$eve:a', EVE, 'join')
    const closes = base.fork().member('$kick:a', EVE, 'leave', ALICE).joinRule('$closed:a', ALICE, 'invite')
    const returns = base
      .fork()
      .topic('$filler:a', ALICE)
      .topic('$filler2:a', ALICE)
      .member('$return:a', EVE, 'join')
    const resolved = base.room.resolve(closes.state, returns.state)
    expect(at(resolved, 'm.room.join_rules')).toBe('$closed:a')
    expect(at(resolved, 'm.room.member', EVE)).toBe('$kick:a')
  })

  it('takes the deepest event that is allowed', () => {
    const base = publicRoom()
    const shallow = base.fork().topic('$shallow:a', ALICE)
    const deep = base.fork().topic('$shallow2:a', BOB).topic('$deep:a', BOB)
    expect(at(base.room.resolve(shallow.state, deep.state), 'm.room.topic')).toBe('$deep:a')
    const demoted = shallow
      .fork()
      .powers('$demoted:a', ALICE, { ...USERS, [BOB]: 0 })
      .powers('$demoted2:a', ALICE, { ...USERS, [BOB]: 1 })
    const powersToo = deep.fork().powers('$kept:a', BOB, { ...USERS, [CAROL]: 1 })
    const resolved = base.room.resolve(demoted.state, powersToo.state)
    expect(at(resolved, 'm.room.power_levels')).toBe('$demoted2:a')
    expect(at(resolved, 'm.room.topic')).toBe('$shallow:a')
  })

  it('takes the lower SHA-1 of the event id at the same depth', () => {
    const base = publicRoom()
    const x = base.fork().topic('$x:a', ALICE)
    const y = base.fork().topic('$y:a', ALICE)
    // Their SHA-1 begin with bf and f4.
    expect(at(base.room.resolve(x.state, y.state), 'm.room.topic')).toBe('$x:a')
  })

  it('keeps the shallowest event where none is allowed', () => {
    const base = publicRoom()
    const shallow = base.fork().topic('$shallow:a', BOB)
    const deep = base.fork().topic('$before:a', BOB).topic('$deep:a', BOB)
    const bans = shallow.fork().member('$ban:a', BOB, 'ban', ALICE)
    const bansToo = deep.fork().member('$ban-too:a', BOB, 'ban', ALICE)
    const resolved = base.room.resolve(bans.state, bansToo.state)
    expect(at(resolved, 'm.room.topic')).toBe('$shallow:a')
  })
})
