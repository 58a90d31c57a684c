import { describe, expect, it } from 'vitest'
import { eventIdOf } from '../../protocol/events/event-id.ts'
import { parsePdu } from '../../protocol/events/parse-pdu.ts'
import { eventOf, KEYS, versionOf } from '../../protocol/events/test-events.ts'
import { toSignedPdu } from '../../protocol/events/verify.ts'
import { canonicalJson } from '../../protocol/json/canonical.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { censoredPdu } from './censored-pdu.ts'

const VERSIONS = Array.from({ length: 12 }, (_, index) => String(index + 1))

function bytesOf(pdu: JsonObject, versionId: string): Buffer {
  return Buffer.from(canonicalJson(pdu, { strict: versionOf(versionId).strictCanonicalJson }))
}

describe.each(VERSIONS)('in room version %s', (versionId) => {
  const version = versionOf(versionId)

  it('the content goes; id and signatures still prove what is left', () => {
    const event = eventOf(version, {
      type: 'm.room.member',
      stateKey: '@alice:domain',
      content: { membership: 'join', displayname: 'a secret' },
    })
    const censored = censoredPdu(bytesOf(event.pdu, versionId), versionId)!
    expect(censored.toString()).not.toContain('a secret')
    const left = parseJson(censored) as JsonObject
    expect(left['content']).toEqual({ membership: 'join' })
    expect(eventIdOf(left, version)).toBe(event.eventId)
    expect(toSignedPdu(parsePdu(left, version), KEYS).eventId).toBe(event.eventId)
    expect(censoredPdu(censored, versionId)).toEqual(censored)
  })

  it('a create event keeps its content', () => {
    const { pdu } = eventOf(version)
    const create = { ...pdu, type: 'm.room.create', state_key: '', content: { 'm.federate': false } }
    expect(censoredPdu(bytesOf(create, versionId), versionId)).toBeUndefined()
  })
})

it('numbers of old rooms keep the form that was hashed', () => {
  const pdu = `{"auth_events":[],"content":{"users_default":1.0,"x":1},"depth":1,"event_id":"$a:domain",\
"hashes":{"sha256":""},"origin_server_ts":1,"prev_events":[],"room_id":"!r:domain","sender":"@alice:domain",\
"signatures":{},"state_key":"","type":"m.room.power_levels"}`
  expect(censoredPdu(Buffer.from(pdu), '1')?.toString()).toBe(pdu.replace(',"x":1', ''))
})

it('what cannot be read is not replaced', () => {
  expect(() => censoredPdu(Buffer.from('{}'), null)).toThrow('room version')
  expect(() => censoredPdu(Buffer.from('[]'), '12')).toThrow('read')
})
