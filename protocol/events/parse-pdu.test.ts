import { describe, expect, it } from 'vitest'
import { type JsonObject, type JsonValue, LosslessNumber } from '../json/value.ts'
import { ROOM_VERSIONS } from '../room-versions/room-versions.ts'
import { eventIdOf } from './event-id.ts'
import { parsePdu } from './parse-pdu.ts'
import { PduError } from './pdu-error.ts'
import { eventOf, idsOf, objectOf, versionOf } from './test-events.ts'

const VERSIONS = [...ROOM_VERSIONS.values()].map((version) => [version.id, version] as const)

function errcode(pdu: JsonObject, versionId: string): string {
  try {
    parsePdu(pdu, versionOf(versionId))
    return 'ok'
  } catch (error) {
    if (error instanceof PduError) return error.errcode
    throw error
  }
}

function changed(versionId: string, key: string, value: JsonValue | undefined): JsonObject {
  const pdu = { ...eventOf(versionOf(versionId), { stateKey: '' }).pdu }
  if (value === undefined) delete pdu[key]
  else pdu[key] = value
  return pdu
}

const number = (text: string): LosslessNumber => new LosslessNumber(text)

describe.each(VERSIONS)('parsePdu in room version %s', (id, version) => {
  it.each<[string, (JsonValue | undefined)[]]>([
    ['type', [undefined, null, 1, {}, 'é'.repeat(256)]],
    ['state_key', [null, 1, {}, 'a'.repeat(256)]],
    ['sender', [undefined, 1, '', 'alice', '@alice', '@a\0:b', '@\ud800:b', `@${'a'.repeat(254)}:b`]],
    ['room_id', [undefined, 1, '', '!', '!a\0:b', '$a:b', `!${'a'.repeat(254)}:b`]],
    ['content', [undefined, null, [], 'x', 1]],
    ['hashes', [undefined, null, [], {}, { sha256: 1 }, { sha512: '' }]],
    ['signatures', [undefined, null, [], 'x', { domain: 1 }, { domain: { 'ed25519:1': 1 } }]],
    ['depth', [undefined, null, '3', -1, 1.5, number('1.0'), number('1e3'), number('9223372036854775808')]],
    ['origin_server_ts', [undefined, null, '1', 1.5, number('1.0'), number('9223372036854775807')]],
    ['prev_events', [undefined, null, {}, 'x', [1], [null], ['x'], [[]], [['$a:b']], [{}], ['$\0']]],
    ['auth_events', [undefined, null, {}, 'x', [1], [null], ['x'], [[]], [['$a:b', {}, {}]], [{}]]],
  ])('refuses a wrong %s', (key, values) => {
    expect(errcode(eventOf(version, { stateKey: '' }).pdu, id)).toBe('ok')
    for (const value of values) expect(errcode(changed(id, key, value), id)).not.toBe('ok')
  })

  it('bounds the events named', () => {
    const reference = (count: number): JsonValue[] =>
      Array<JsonValue>(count).fill(
        version.eventReferences === 'ids' ? idsOf(version).event : [idsOf(version).event, {}],
      )
    const answers = [20, 21].map((count) => errcode(changed(id, 'prev_events', reference(count)), id))
    answers.push(...[10, 11].map((count) => errcode(changed(id, 'auth_events', reference(count)), id)))
    expect(answers).toEqual(['ok', 'M_BAD_JSON', 'ok', 'M_BAD_JSON'])
  })

  it('bounds bytes from version 11 on, code points before', () => {
    const old = version.eventKeyLimit === 'code-points'
    expect(errcode(changed(id, 'type', 'a'.repeat(255)), id)).toBe('ok')
    expect(errcode(changed(id, 'state_key', 'é'.repeat(128)), id)).toBe(old ? 'ok' : 'M_TOO_LARGE')
    expect(errcode(changed(id, 'state_key', '💥'.repeat(255)), id)).toBe(old ? 'ok' : 'M_TOO_LARGE')
    expect(errcode(changed(id, 'type', '💥'.repeat(256)), id)).toBe('M_TOO_LARGE')
    const { pdu } = eventOf(version, { content: { body: '' } })
    const room = 65_536 - Buffer.byteLength(JSON.stringify(pdu))
    const sized = (body: string): string => errcode({ ...pdu, content: { body } }, id)
    expect([sized('a'.repeat(room)), sized('a'.repeat(room + 1)), sized('é'.repeat(room / 2 + 1))]).toEqual([
      'ok',
      'M_TOO_LARGE',
      'M_TOO_LARGE',
    ])
  })

  it('drops unsigned, whatever it holds and however large', () => {
    const built = eventOf(version)
    const values: JsonValue[] = [
      1,
      { age: number('1.5') },
      { prev_content: 'x'.repeat(100_000) },
      { a: '\ud800' },
    ]
    for (const unsigned of values) {
      const parsed = parsePdu({ ...built.pdu, unsigned }, version)
      expect(parsed.pdu).toEqual(built.pdu)
    }
  })

  it('judges numbers and duplicate keys by the version', () => {
    const strict = version.strictCanonicalJson ? 'M_BAD_JSON' : 'ok'
    for (const text of ['1.0', '1e3', '9007199254740992', '{"a":1,"a":2}']) {
      expect(errcode({ ...eventOf(version).pdu, content: objectOf(`{"x":[${text}]}`) }, id)).toBe(strict)
    }
    const wire = JSON.stringify(eventOf(version).pdu)
    expect(errcode(objectOf(wire.replace('{', '{"depth":1,')), id)).toBe(strict)
    expect(errcode(objectOf(wire.replace('{', '{"unsigned":{},"depth":1,')), id)).toBe(strict)
    expect(errcode({ ...eventOf(version).pdu, content: { x: '\ud800' } }, id)).toBe('M_BAD_JSON')
  })

  it('computes or reads the event id', () => {
    const parsed = parsePdu(eventOf(version).pdu, version)
    expect(parsed.eventId).toMatch(
      {
        'in-pdu': /^\$.+:domain$/,
        'hash-standard-base64': /^\$[\w+/]{43}$/,
        'hash-urlsafe-base64': /^\$[\w-]{43}$/,
      }[version.eventIdFormat],
    )
    expect(parsed.stateKey).toBeUndefined()
  })
})

describe('parsePdu', () => {
  it('reads the depths that attacks left in old rooms', () => {
    const pdu = changed('5', 'depth', number('9223372036854775807'))
    expect(parsePdu(pdu, versionOf('5')).depth).toBe(Number.MAX_SAFE_INTEGER)
    expect(errcode(changed('6', 'depth', number('9223372036854775807')), '6')).toBe('M_BAD_JSON')
    expect(parsePdu(changed('6', 'depth', Number.MAX_SAFE_INTEGER), versionOf('6')).depth).toBe(2 ** 53 - 1)
  })

  it('makes the room id of version 12 from the create event', () => {
    const create = {
      type: 'm.room.create',
      stateKey: '',
      content: { room_version: '12' },
      roomId: undefined,
      prevEvents: [],
      authEvents: [],
    }
    const event = eventOf(versionOf('12'), create)
    expect(event.roomId).toBe(`!${event.eventId.slice(1)}`)
    expect(event.pdu).not.toHaveProperty('room_id')
    expect(errcode({ ...event.pdu, room_id: event.roomId }, '12')).toBe('M_BAD_JSON')
    expect(errcode(event.pdu, '11')).toBe('M_BAD_JSON')
  })

  it('keeps the forms of room ids apart', () => {
    expect(errcode(changed('12', 'room_id', '!room:domain'), '12')).toBe('M_BAD_JSON')
    expect(errcode(changed('11', 'room_id', idsOf(versionOf('12')).room), '11')).toBe('M_BAD_JSON')
  })

  it('needs an event id in versions 1 and 2 and ignores one after that', () => {
    for (const value of [undefined, 1, '', '$a', '$\0:b'])
      expect(errcode(changed('2', 'event_id', value), '2')).toBe('M_BAD_JSON')
    const version = versionOf('12')
    const claimed = parsePdu(changed('12', 'event_id', '$claimed:domain'), version)
    expect(claimed.eventId).toMatch(/^\$[\w-]{43}$/)
  })

  it.each(['1', '2'])('refuses an event of version %s that is among its own causes', (versionId) => {
    const own = String(eventOf(versionOf(versionId)).pdu['event_id'])
    for (const key of ['prev_events', 'auth_events']) {
      const pdu = { ...changed(versionId, key, [[own, {}]]), event_id: own }
      expect(errcode(pdu, versionId)).toBe('M_BAD_JSON')
    }
  })

  it('gives the same id whatever is not covered', () => {
    const version = versionOf('11')
    const { pdu, eventId } = eventOf(version)
    expect(
      eventIdOf({ ...pdu, signatures: {}, unsigned: { a: 1 }, content: { body: 'other' } }, version),
    ).toBe(eventId)
    expect(eventIdOf({ ...pdu, depth: 4 }, version)).not.toBe(eventId)
  })
})
