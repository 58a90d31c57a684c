import { describe, expect, it } from 'vitest'
import { LosslessNumber } from '../json/value.ts'
import { ROOM_VERSIONS } from '../room-versions/room-versions.ts'
import { parsePdu } from './parse-pdu.ts'
import { readEvent } from './read-event.ts'
import { eventOf, idsOf, versionOf } from './test-events.ts'

describe('readEvent', () => {
  it.each([...ROOM_VERSIONS.keys()])('reads what was parsed in version %s', (id) => {
    const version = versionOf(id)
    const events = [
      eventOf(version),
      eventOf(version, { type: 'm.room.redaction', redacts: idsOf(version).event }),
      eventOf(version, { stateKey: '', content: { redacts: '$not-a-redaction' } }),
    ]
    for (const event of events) expect(readEvent(event.pdu, version, event)).toEqual(event)
  })

  it('reads the depths that attacks left in old rooms', () => {
    const version = versionOf('5')
    const pdu = { ...eventOf(version).pdu, depth: new LosslessNumber('9223372036854775807') }
    const parsed = parsePdu(pdu, version)
    expect(readEvent(pdu, version, parsed)).toEqual(parsed)
  })
})
