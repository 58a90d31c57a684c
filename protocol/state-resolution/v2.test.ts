import { describe, expect, it } from 'vitest'
import { resolveState } from './resolve-state.ts'
import { ALICE, at, BOB, type Branch, CAROL, CREATOR, EVE, TestRoom } from './test-room.ts'

/** Who has power from the start. Version 12 forbids naming the creator. */
function usersOf(version: string): Record<string, number> {
  return { ...(version === '12' ? {} : { [CREATOR]: 100 }), [ALICE]: 100, [BOB]: 50 }
}

/** A public room: Alice may do everything, Bob is a moderator, Carol is a member. */
function publicRoom(version: string): Branch {
  return new TestRoom(version)
    .begin()
    .powers('$powers', CREATOR, usersOf(version))
    .joinRule('$public', CREATOR, 'public')
    .member('$alice', ALICE, 'join')
    .member('$bob', BOB, 'join')
    .member('$carol', CAROL, 'join')
}

describe.each(['2', '3', '5', '6', '8', '10', '11', '12'])('room version %s', (version) => {
  it('lets a ban prevail over what the banned moderator does elsewhere, whatever the clocks say', () => {
    const base = publicRoom(version)
    const bans = base.fork().member('$ban', BOB, 'ban', ALICE, 9_000)
    const acts = base.fork().powers('$bobs-powers', BOB, { ...usersOf(version), [CAROL]: 50 }, 10)
    const resolved = base.room.resolve(bans.state, acts.state)
    expect(at(resolved, 'm.room.member', BOB)).toBe('$ban')
    expect(at(resolved, 'm.room.power_levels')).toBe('$powers')
  })

  it('lets the powers of the stronger prevail where the weaker loses the right', () => {
    const base = publicRoom(version)
    const demotes = base.fork().powers('$demotes', ALICE, { ...usersOf(version), [BOB]: 0 }, 9_000)
    const raises = base.fork().powers('$raises', BOB, { ...usersOf(version), [CAROL]: 50 }, 10)
    expect(at(base.room.resolve(demotes.state, raises.state), 'm.room.power_levels')).toBe('$demotes')
  })

  it('applies the powers of the weaker on top where they keep the right', () => {
    const base = publicRoom(version)
    const second = base.fork().powers('$second', BOB, { ...usersOf(version), [CAROL]: 20 })
    const weak = base.fork().powers('$weak', ALICE, { ...usersOf(version), [EVE]: 10 })
    expect(at(base.room.resolve(weak.state, second.state), 'm.room.power_levels')).toBe('$second')
    const strong = base.fork().powers('$strong', ALICE, { ...usersOf(version), [EVE]: 60 })
    expect(at(base.room.resolve(strong.state, second.state), 'm.room.power_levels')).toBe('$strong')
  })

  it('takes the later of two topics, and the greater id of two at the same time', () => {
    const base = publicRoom(version)
    const early = base.fork().topic('$z-early', BOB, 5_000)
    const late = base.fork().topic('$a-late', ALICE, 6_000)
    const same = base.fork().topic('$b-late', BOB, 6_000)
    expect(at(base.room.resolve(early.state, late.state), 'm.room.topic')).toBe('$a-late')
    expect(at(base.room.resolve(early.state, late.state, same.state), 'm.room.topic')).toBe('$b-late')
  })

  it('takes the topic that rests on newer powers, even if it is older', () => {
    const base = publicRoom(version)
    const newer = base
      .fork()
      .powers('$new-powers', ALICE, { ...usersOf(version), [EVE]: 1 })
      .topic('$newer', BOB, 1)
    const older = base.fork().topic('$older', BOB, 9_000)
    expect(at(base.room.resolve(newer.state, older.state), 'm.room.topic')).toBe('$newer')
  })

  it('does not let anybody slip in while the room is closed', () => {
    const base = publicRoom(version)
    const closes = base.fork().joinRule('$closed', ALICE, 'invite')
    const joins = base.fork().member('$eve', EVE, 'join')
    const resolved = base.room.resolve(closes.state, joins.state)
    expect(at(resolved, 'm.room.join_rules')).toBe('$closed')
    expect(at(resolved, 'm.room.member', EVE)).toBeUndefined()
  })

  it('keeps a ban in force against a join that did not know of it', () => {
    const base = publicRoom(version)
    const bans = base.fork().member('$ban', EVE, 'ban', BOB, 9_000)
    const joins = base.fork().member('$eve', EVE, 'join', EVE, 10)
    const joinsTwice = joins.fork().member('$eve-again', EVE, 'join', EVE, 9_999)
    expect(at(base.room.resolve(bans.state, joinsTwice.state), 'm.room.member', EVE)).toBe('$ban')
  })

  it('lets a kick prevail over what the kicked moderator did elsewhere before', () => {
    const base = publicRoom(version)
    const kicks = base.fork().member('$kick', BOB, 'leave', ALICE, 9_000)
    const acts = base.fork().topic('$topic', BOB, 10)
    const resolved = base.room.resolve(kicks.state, acts.state)
    expect(at(resolved, 'm.room.member', BOB)).toBe('$kick')
    expect(at(resolved, 'm.room.topic')).toBeUndefined()
  })

  it('brings in powers that no state has any more but the rest was built on', () => {
    const base = publicRoom(version)
    const one = base
      .fork()
      .powers('$p1', ALICE, { ...usersOf(version), [CAROL]: 50 })
      .topic('$carols', CAROL)
    const two = one.fork().powers('$p2', CAROL, { ...usersOf(version), [CAROL]: 50, [EVE]: 5 })
    const resolved = base.room.resolve(base.state, two.state)
    expect(at(resolved, 'm.room.power_levels')).toBe('$p2')
    expect(at(resolved, 'm.room.topic')).toBe('$carols')
  })
})

describe('rejected events', () => {
  /** In version 2.1 Bob's right to set the topic comes from the topic's own auth events alone. */
  function resolveAgainst(rejected: string): string | undefined {
    const base = publicRoom('12')
    const { room } = base
    const acts = base.fork().topic('$topic', BOB)
    return at(
      resolveState({
        version: room.version,
        stateSets: [acts.state, base.state],
        event: (eventId) => room.events.get(eventId),
        isRejected: (eventId) => eventId === rejected,
      }),
      'm.room.topic',
    )
  }

  it('do not authorise others', () => {
    expect(resolveAgainst('nothing')).toBe('$topic')
    expect(resolveAgainst('$powers')).toBeUndefined()
    expect(resolveAgainst('$bob')).toBeUndefined()
  })

  it('come to stand where the auth rules allow them', () => {
    expect(resolveAgainst('$topic')).toBe('$topic')
  })
})
