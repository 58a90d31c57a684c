import { expect, test } from 'vitest'
import type { RoomVersionId } from '../room-versions/rules.ts'
import { ADMIN, judge, MOD, OTHER, USER } from './room.fixture.ts'

const OWNED: readonly RoomVersionId[] = ['org.matrix.msc3757.10', 'org.matrix.msc3757.11']
const SUFFIX = '_suffix:!@#$_1'

test.each([
  [USER, USER, 'allowed'],
  [USER, USER + SUFFIX, 'allowed'],
  [USER, `${USER}_`, 'allowed'],
  [USER, MOD, 'for those above'],
  [USER, MOD + SUFFIX, 'for those above'],
  [USER, `${USER}suffix`, 'for those above'],
  [USER, `@prefix_${USER}${SUFFIX}`, 'for those above'],
  [ADMIN, MOD, 'allowed'],
  [ADMIN, USER + SUFFIX, 'allowed'],
  [ADMIN, OTHER + SUFFIX, 'allowed'],
  [MOD, ADMIN + SUFFIX, 'for those above'],
  [MOD, `${MOD.replace('mod', 'mod2')}${SUFFIX}`, 'allowed'],
  [ADMIN, '@', 'no user id'],
  [ADMIN, '@oops', 'no user id'],
  [ADMIN, '@oops_user:a.example', 'allowed'],
  [ADMIN, `${ADMIN}@suffix`, 'no user id'],
  [ADMIN, '@:a.example', 'allowed'],
  [ADMIN, 'user_1', 'allowed'],
])('%s sets %s in rooms with owned state: %s', (sender, stateKey, outcome) => {
  for (const id of OWNED) {
    const levels = { users: { [ADMIN]: 100, [MOD]: 50 }, events: { 'x.state': 0 } }
    expect(judge(id, { type: 'x.state', sender, stateKey }, { levels })).toMatch(outcome)
  }
})

test('nobody else sets it among equals', () => {
  const levels = { users: { [ADMIN]: 50, [MOD]: 50 }, events: { 'x.state': 0 } }
  expect(judge(OWNED[0]!, { type: 'x.state', sender: ADMIN, stateKey: MOD }, { levels })).toMatch('above')
})
