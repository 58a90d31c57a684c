import { expect, test } from 'vitest'
import type { JsonObject } from '../json/value.ts'
import { mayRedact } from './redaction-power.ts'
import { makeEvent, MOD, OTHER, roomState, USER, versions } from './room.fixture.ts'
import type { EventFields } from './room.fixture.ts'
import type { RoomVersionId } from '../room-versions/rules.ts'

function redacts(
  id: RoomVersionId,
  sender: string,
  author: string,
  more: EventFields = {},
  levels?: JsonObject,
): boolean {
  const target = makeEvent(id, { sender: author, eventId: '$target' })
  const redaction = makeEvent(id, { type: 'm.room.redaction', sender, redacts: '$target', ...more })
  return mayRedact(redaction, target, roomState(id, levels ? { levels } : {}))
}

test('from version 3 on by the redact level or from the same server', () => {
  for (const id of versions(3)) {
    expect(redacts(id, MOD, OTHER)).toBe(true)
    expect(redacts(id, USER, OTHER)).toBe(false)
    expect(redacts(id, USER, USER)).toBe(true)
    expect(redacts(id, USER, MOD)).toBe(true)
    expect(redacts(id, MOD, OTHER, {}, { redact: 51, users: { [MOD]: 50 } })).toBe(false)
    expect(redacts(id, USER, OTHER, {}, { redact: 0 })).toBe(true)
  }
})

test('in versions 1 and 2 the auth rules have judged it', () => {
  for (const id of versions(1, 2)) expect(redacts(id, USER, OTHER)).toBe(true)
})

test('never of another event or in another room', () => {
  for (const id of versions(1)) {
    expect(redacts(id, MOD, USER, { redacts: '$another' })).toBe(false)
    expect(redacts(id, MOD, USER, { redacts: undefined })).toBe(false)
    expect(redacts(id, MOD, USER, { roomId: '!elsewhere:a.example' })).toBe(false)
  }
})
