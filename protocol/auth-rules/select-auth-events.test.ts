import { expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../json/value.ts'
import type { RoomVersionId } from '../room-versions/rules.ts'
import { CREATOR, OTHER, rulesOf, USER, VERSIONS, versions } from './room.fixture.ts'
import { authEventTuples } from './select-auth-events.ts'

function places(id: RoomVersionId, type: string, content: JsonObject = {}, stateKey?: string): string[] {
  return authEventTuples(rulesOf(id), { type, sender: USER, stateKey, content })
    .map((place) => `${place.type}|${place.stateKey}`)
    .sort()
}

function expected(id: RoomVersionId, ...more: string[]): string[] {
  const create = id === '12' ? [] : ['m.room.create|']
  return [...create, 'm.room.power_levels|', `m.room.member|${USER}`, ...more].sort()
}

const RULES = 'm.room.join_rules|'

test.each(VERSIONS)('version %s', (id) => {
  const memberOf = (content: JsonObject, target = OTHER) => places(id, 'm.room.member', content, target)
  const target = `m.room.member|${OTHER}`

  expect(places(id, 'm.room.create', {}, '')).toEqual([])
  expect(places(id, 'm.room.message')).toEqual(expected(id))
  expect(places(id, 'm.room.power_levels', {}, '')).toEqual(expected(id))
  expect(memberOf({ membership: 'join' }, USER)).toEqual(expected(id, RULES))
  expect(memberOf({ membership: 'knock' }, USER)).toEqual(expected(id, RULES))
  expect(memberOf({ membership: 'invite' })).toEqual(expected(id, RULES, target))
  expect(memberOf({ membership: 'leave' })).toEqual(expected(id, target))
  expect(memberOf({ membership: 'ban' })).toEqual(expected(id, target))
  expect(memberOf({ membership: 7 })).toEqual(expected(id, target))
  expect(memberOf({})).toEqual(expected(id, target))
})

const BOGUS_INVITES: JsonValue[] = [null, 'x', {}, { signed: [] }, { signed: { token: 7 } }]

test('the token of a third-party invite selects its invitation', () => {
  const thirdParty = { signed: { token: 'abc' } }
  const invitation = 'm.room.third_party_invite|abc'
  for (const id of VERSIONS) {
    const member = (content: JsonObject) => places(id, 'm.room.member', content, OTHER)
    expect(member({ membership: 'invite', third_party_invite: thirdParty })).toContain(invitation)
    expect(member({ membership: 'join', third_party_invite: thirdParty })).not.toContain(invitation)
    for (const bogus of BOGUS_INVITES) {
      expect(member({ membership: 'invite', third_party_invite: bogus })).toHaveLength(id === '12' ? 4 : 5)
    }
  }
})

test('the authoriser of a restricted join is selected from version 8 on', () => {
  const join = (id: RoomVersionId, by: string | number, membership = 'join') =>
    places(id, 'm.room.member', { membership, join_authorised_via_users_server: by }, USER)
  for (const id of versions(8)) {
    expect(join(id, CREATOR)).toEqual(expected(id, RULES, `m.room.member|${CREATOR}`))
    expect(join(id, USER)).toEqual(expected(id, RULES))
    expect(join(id, 7)).toEqual(expected(id, RULES))
    expect(join(id, CREATOR, 'leave')).toEqual(expected(id))
  }
  for (const id of versions(1, 7)) expect(join(id, CREATOR)).toEqual(expected(id, RULES))
})
