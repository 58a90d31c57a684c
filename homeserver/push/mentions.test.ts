import { expect, it } from 'vitest'
import { eventOf, versionOf } from '../../protocol/events/test-events.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { contentWithMentions, mentionsIn } from './mentions.ts'

function mentioned(content: JsonObject, type = 'm.room.message') {
  return mentionsIn(contentWithMentions(eventOf(versionOf('11'), { type, content })))
}

it('a message says whom it means, or else by whole user ids that it writes', () => {
  const bob = '@bob:here.test'
  const twice = { 'm.mentions': { user_ids: [bob, bob, 1], room: true }, body: '@carol:here.test' }
  expect(mentioned(twice)).toEqual({ userIds: [bob], room: true })
  expect(mentioned({ body: `Hello ${bob}, and @carol:[::1]:8448. ${bob}!` })).toEqual({
    userIds: [bob, '@carol:[::1]:8448'],
    room: false,
  })
})

it('names, edits, explicit silence and other types mention nobody', () => {
  const nobody = { userIds: [], room: false }
  const body = '@bob:here.test'
  expect(mentioned({ body: 'bob, bob@here.test and @bob' })).toEqual(nobody)
  expect(mentioned({ body, 'm.mentions': {} })).toEqual(nobody)
  expect(mentioned({ body, 'm.relates_to': { rel_type: 'm.replace', event_id: '$e' } })).toEqual(nobody)
  expect(mentioned({ body }, 'org.example.custom')).toEqual(nobody)
})
