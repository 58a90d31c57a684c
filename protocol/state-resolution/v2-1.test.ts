import { describe, expect, it } from 'vitest'
import type { StateMap } from '../state/state-map.ts'
import { stateTuple } from '../state/state-map.ts'
import { ALICE, at, BOB, CAROL, CREATOR, EVE, TestRoom } from './test-room.ts'

function replaced(state: StateMap, type: string, key: string, eventId: string): StateMap {
  return new Map(state).set(stateTuple(type, key), eventId)
}

function creatorPower(version: string): Record<string, number> {
  return version === '12' ? {} : { [CREATOR]: 100 }
}

/** Alice closes the room and leaves; then a server hands out a state in which it is still public. */
function closedThenForgotten(version: string): StateMap {
  const now = new TestRoom(version)
    .begin()
    .powers('$powers', CREATOR, { ...creatorPower(version), [ALICE]: 100 })
    .joinRule('$public', CREATOR, 'public')
    .member('$alice', ALICE, 'join')
    .member('$bob', BOB, 'join')
    .joinRule('$public-too', ALICE, 'public')
    .joinRule('$closed', ALICE, 'invite')
    .member('$alice-left', ALICE, 'leave')
    .member('$bob-renamed', BOB, 'join')
  return now.room.resolve(now.state, replaced(now.state, 'm.room.join_rules', '', '$public-too'))
}

/** Power was handed on twice; then a server hands out a state with the first power levels again. */
function powerHandedOn(version: string): string | undefined {
  const creator = creatorPower(version)
  const third = new TestRoom(version)
    .begin()
    .joinRule('$public', CREATOR, 'public')
    .powers('$p1', CREATOR, { ...creator, [ALICE]: 100 })
    .member('$alice', ALICE, 'join')
    .member('$bob', BOB, 'join')
    .member('$carol', CAROL, 'join')
    .powers('$p2', ALICE, { ...creator, [ALICE]: 100, [BOB]: 50 })
    .powers('$p3', BOB, { ...creator, [ALICE]: 100, [BOB]: 50, [CAROL]: 50 })
    .member('$eve', EVE, 'join')
  const eve = third.fork().member('$eve-renamed', EVE, 'join')
  const resolved = third.room.resolve(third.state, replaced(eve.state, 'm.room.power_levels', '', '$p1'))
  return at(resolved, 'm.room.power_levels')
}

describe('what version 2.1 mends', () => {
  it('conflicts are replayed from nothing, so that what came later cannot spoil them', () => {
    expect(at(closedThenForgotten('11'), 'm.room.join_rules')).toBeUndefined()
    expect(at(closedThenForgotten('12'), 'm.room.join_rules')).toBe('$closed')
  })

  it('the unconflicted state stands in the end', () => {
    expect(at(closedThenForgotten('12'), 'm.room.member', ALICE)).toBe('$alice-left')
  })

  it('the events between two conflicted ones are replayed as well', () => {
    expect(powerHandedOn('11')).toBe('$p1')
    expect(powerHandedOn('12')).toBe('$p3')
  })
})

describe('creators of version 12', () => {
  function race(createContent: Record<string, string[]>, creator: string): string | undefined {
    const base = new TestRoom('12')
      .begin(createContent)
      .powers('$powers', CREATOR, { [BOB]: 100 })
      .joinRule('$public', CREATOR, 'public')
      .member('$alice', ALICE, 'join')
      .member('$bob', BOB, 'join')
    const deposes = base.fork().powers('$deposes', creator, {}, 9_000)
    const entrenches = base.fork().powers('$entrenches', BOB, { [BOB]: 100, [EVE]: 100 }, 10)
    return at(base.room.resolve(deposes.state, entrenches.state), 'm.room.power_levels')
  }

  it('come before every power level, found through the room id', () => {
    expect(race({}, CREATOR)).toBe('$deposes')
  })

  it('may be additional', () => {
    expect(race({ additional_creators: [ALICE] }, ALICE)).toBe('$deposes')
  })
})
