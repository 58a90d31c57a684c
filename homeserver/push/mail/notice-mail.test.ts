import { expect, it } from 'vitest'
import { emailKeys, thirdPartyIdsConfig } from '../../config/sections/email.ts'
import { z } from 'zod'
import { noticeMail } from './notice-mail.ts'
import type { UnreadMessage, UnreadNews } from './unread-rooms.ts'

const config = thirdPartyIdsConfig(
  z.object(emailKeys).parse({
    email: { notif_from: '%(app)s <noreply@here.test>', app_name: 'Chat', enable_notifs: true },
  }),
).email!

const message = (changes: Partial<UnreadMessage> = {}): UnreadMessage => ({
  eventId: '$event',
  person: 'Alice',
  text: 'hello',
  isWords: true,
  isInvite: false,
  receivedTs: Date.UTC(2026, 10, 29, 12, 3),
  ...changes,
})

const room = (name: string | undefined, ...messages: UnreadMessage[]) => ({
  roomId: '!room:here.test',
  name,
  messages,
  earlier: 0,
})

function write(news: UnreadNews, clientBaseUrl?: string) {
  return noticeMail(
    config,
    { ...config.notices!, clientBaseUrl },
    {
      to: 'bob@mail.test',
      reader: 'Bob',
      appName: config.appName,
      serverName: 'here.test',
      unsubscribeUrl: 'https://here.test/unsubscribe?a=1&b=2',
      news,
    },
  )
}

const invite = message({ isInvite: true, isWords: false, text: 'invites you to this room' })

it.each<[UnreadNews, string]>([
  [{ rooms: [room('Hall', message())], otherRooms: 0 }, '[Chat] Alice wrote in Hall'],
  [{ rooms: [room(undefined, message())], otherRooms: 0 }, '[Chat] Alice wrote to you'],
  [{ rooms: [room('Hall', message(), message())], otherRooms: 0 }, '[Chat] Unread messages in Hall'],
  [{ rooms: [room(undefined, message(), message())], otherRooms: 0 }, '[Chat] Unread messages from Alice'],
  [
    { rooms: [room(undefined, message({ person: 'Eve' }), message())], otherRooms: 0 },
    '[Chat] Unread messages from Alice and others',
  ],
  [
    { rooms: [room('Hall', message()), room('Attic', message())], otherRooms: 0 },
    '[Chat] Unread messages in Hall and other rooms',
  ],
  [{ rooms: [room(undefined, message())], otherRooms: 3 }, '[Chat] Unread messages from Alice and others'],
  [{ rooms: [room('Hall', invite)], otherRooms: 0 }, '[Chat] Alice invites you to Hall'],
  [{ rooms: [room(undefined, invite)], otherRooms: 0 }, '[Chat] Alice invites you to a conversation'],
  [{ rooms: [room('%(person)s', message())], otherRooms: 0 }, '[Chat] Alice wrote in %(person)s'],
])('the subject says who and where %#', (news, subject) => {
  expect(write(news).subject).toBe(subject)
})

it('says it in plain text, with a link to the first unread message', () => {
  const unread = room('Hall', message({ text: 'two\nlines' }), message({ eventId: '$later', text: 'more' }))
  expect(write({ rooms: [{ ...unread, earlier: 2 }], otherRooms: 1 }).text)
    .toBe(`Hello Bob, this is what you have not read yet.

# Hall
(2 earlier messages)
2026-11-29 12:03 UTC Alice: two
  lines
2026-11-29 12:03 UTC Alice: more
https://matrix.to/#/!room%3Ahere.test/%24event?via=here.test

There is more in 1 room.

-- 
This mail was sent by Chat on here.test, because you asked for mail about unread messages.
To get none any more: https://here.test/unsubscribe?a=1&b=2`)
})

it('whatever people write is text in the HTML', () => {
  const evil = '<img src=x onerror="alert(1)">&\''
  const { html } = write(
    { rooms: [room(evil, message({ person: evil, text: evil }))], otherRooms: 0 },
    'https://chat.test',
  )
  expect(html).not.toContain('<img')
  expect(html.match(/&#60;img src=x onerror=&#34;alert\(1\)&#34;&#62;&#38;&#39;/g)).toHaveLength(5)
  expect(html).toContain('href="https://chat.test/#/room/!room%3Ahere.test/%24event"')
  expect(html).toContain('href="https://here.test/unsubscribe?a=1&#38;b=2"')
})

it('an invite leads to its room', () => {
  const { text } = write({ rooms: [room('Hall', invite)], otherRooms: 0 }, 'https://chat.test')
  expect(text).toContain('Alice invites you to this room\nhttps://chat.test/#/room/!room%3Ahere.test\n')
})
