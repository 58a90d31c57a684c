import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json/value.ts'
import { ROOM_VERSIONS } from '../room-versions/room-versions.ts'
import { redactEvent, redactPdu } from './redact.ts'
import { eventOf, versionOf } from './test-events.ts'

const VERSIONS = [...ROOM_VERSIONS.values()].filter(({ stability }) => stability === 'stable')

/** The content keys that are left of `content` in each version, versions with the same answer together. */
function kept(type: string, content: JsonObject): Record<string, unknown> {
  const answers: Record<string, unknown> = {}
  let last = ''
  for (const version of VERSIONS) {
    const left = redactPdu({ type, content }, version)['content']
    if (JSON.stringify(left) !== last) answers[version.id] = left
    last = JSON.stringify(left)
  }
  return answers
}

describe('redactPdu', () => {
  const everyKey = [
    'event_id',
    'type',
    'room_id',
    'sender',
    'state_key',
    'content',
    'hashes',
    'signatures',
    'depth',
    'prev_events',
    'prev_state',
    'auth_events',
    'origin',
    'origin_server_ts',
    'membership',
    'redacts',
    'unsigned',
    'age_ts',
    'org.x',
    '__proto__',
  ]

  it('keeps the top-level keys of the version', () => {
    const pdu = Object.fromEntries(everyKey.map((key) => [key, key])) as JsonObject
    const dropped = ['redacts', 'unsigned', 'age_ts', 'org.x', '__proto__']
    const droppedSince11 = ['origin', 'membership', 'prev_state']
    for (const version of VERSIONS) {
      const gone = Number(version.id) >= 11 ? [...dropped, ...droppedSince11] : dropped
      const left = everyKey.filter((key) => !gone.includes(key))
      expect(Object.keys(redactPdu(pdu, version)).sort()).toEqual(left.sort())
    }
  })

  it('does not change what it is given, and does nothing the second time', () => {
    const pdu = Object.freeze({
      type: 'm.room.member',
      content: Object.freeze({ membership: 'join', displayname: 'A' }),
    })
    for (const version of VERSIONS) {
      const once = redactPdu(pdu, version)
      expect(redactPdu(once, version)).toEqual(once)
      expect(once['content']).toEqual({ membership: 'join' })
    }
  })

  it('keeps what memberships need', () => {
    const membership = { membership: 'join' }
    const join_authorised_via_users_server = '@a:b'
    const third_party_invite = { signed: { token: 't' }, display_name: 'x' }
    const content = { ...membership, join_authorised_via_users_server, third_party_invite, reason: 'x' }
    expect(kept('m.room.member', content)).toEqual({
      '1': membership,
      '9': { ...membership, join_authorised_via_users_server },
      '11': {
        ...membership,
        join_authorised_via_users_server,
        third_party_invite: { signed: { token: 't' } },
      },
    })
    expect(kept('m.room.member', { third_party_invite: 'x' })).toEqual({ '1': {} })
    expect(kept('m.room.member', { third_party_invite: {} })).toEqual({
      '1': {},
      '11': { third_party_invite: {} },
    })
  })

  it('keeps what create events, join rules, redactions and aliases need', () => {
    const create = { creator: '@a:b', room_version: '11', 'm.federate': false }
    expect(kept('m.room.create', create)).toEqual({ '1': { creator: '@a:b' }, '11': create })
    const rules = { join_rule: 'restricted', allow: [1] }
    expect(kept('m.room.join_rules', { ...rules, x: 1 })).toEqual({
      '1': { join_rule: 'restricted' },
      '8': rules,
    })
    expect(kept('m.room.redaction', { redacts: '$a', reason: 'x' })).toEqual({
      '1': {},
      '11': { redacts: '$a' },
    })
    expect(kept('m.room.aliases', { aliases: ['#a:b'], x: 1 })).toEqual({
      '1': { aliases: ['#a:b'] },
      '6': {},
    })
    expect(kept('m.room.history_visibility', { history_visibility: 'joined', x: 1 })).toEqual({
      '1': { history_visibility: 'joined' },
    })
  })

  it('keeps power levels, the invite level since version 11', () => {
    const levels = {
      ban: 1,
      events: {},
      events_default: 1,
      kick: 1,
      redact: 1,
      state_default: 1,
      users: { '@a:b': 100 },
      users_default: 0,
    }
    const content = { ...levels, invite: 50, notifications: { room: 1 }, x: 1 }
    expect(kept('m.room.power_levels', content)).toEqual({ '1': levels, '11': { ...levels, invite: 50 } })
  })

  it('keeps nothing of other types, and survives content that is not an object', () => {
    for (const type of ['m.room.message', 'm.room.name', 'm.room.encryption', 'constructor'])
      expect(kept(type, { body: 'x', membership: 'join', __proto__: 1 })).toEqual({ '1': {} })
    for (const content of [null, [], 'x', 1])
      expect(redactPdu({ type: 'm.room.create', content }, versionOf('12'))['content']).toEqual({})
  })
})

describe('redactEvent', () => {
  it('redacts the fields with the PDU', () => {
    const old = redactEvent(eventOf(versionOf('10'), { type: 'm.room.redaction', redacts: '$a' }))
    expect([old.redacts, old.content, old.pdu['content'], old.pdu['redacts']]).toEqual([
      undefined,
      {},
      {},
      undefined,
    ])
    const since11 = redactEvent(eventOf(versionOf('11'), { type: 'm.room.redaction', redacts: '$a' }))
    expect([since11.redacts, since11.content]).toEqual(['$a', { redacts: '$a' }])
  })
})
