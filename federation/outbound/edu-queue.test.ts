import { expect, test } from 'vitest'
import { EduQueue, type OutgoingReceipt } from './edu-queue.ts'

const ROOM = '!room:here.test'

function receipt(userId: string, eventId: string, threadId?: string): OutgoingReceipt {
  return { roomId: ROOM, userId, eventId, ts: 1, threadId }
}

test('of each thing only the newest goes out', () => {
  const queue = new EduQueue()
  queue.addTyping(ROOM, '@a:here.test', true)
  queue.addTyping(ROOM, '@a:here.test', false)
  queue.addReceipt(receipt('@a:here.test', '$old'))
  queue.addReceipt(receipt('@a:here.test', '$new'))
  queue.addReceipt(receipt('@b:here.test', '$new'))
  expect(queue.take(100).edus).toEqual([
    { edu_type: 'm.typing', content: { room_id: ROOM, user_id: '@a:here.test', typing: false } },
    {
      edu_type: 'm.receipt',
      content: {
        [ROOM]: {
          'm.read': {
            '@a:here.test': { data: { ts: 1 }, event_ids: ['$new'] },
            '@b:here.test': { data: { ts: 1 }, event_ids: ['$new'] },
          },
        },
      },
    },
  ])
  expect(queue.isEmpty).toBe(true)
})

test('receipts of several threads take an EDU each', () => {
  const queue = new EduQueue()
  for (const thread of ['main', '$thread']) queue.addReceipt(receipt('@a:here.test', '$event', thread))
  expect(queue.take(1).edus).toHaveLength(1)
  expect(queue.take(100).edus).toHaveLength(1)
  expect(queue.isEmpty).toBe(true)
})

test('what did not get through comes back, but not over something newer', () => {
  const queue = new EduQueue()
  queue.addReceipt(receipt('@a:here.test', '$old'))
  queue.addReceipt(receipt('@b:here.test', '$old'))
  const { receipts } = queue.take(100)
  queue.addReceipt(receipt('@a:here.test', '$new'))
  queue.restore(receipts)
  expect(queue.take(100).receipts.map(({ userId, eventId }) => `${userId} ${eventId}`)).toEqual([
    '@a:here.test $new',
    '@b:here.test $old',
  ])
})

test('presence goes out fifty users at a time, the newest of each, and not to who comes back', () => {
  const queue = new EduQueue()
  for (let index = 0; index < 60; index++) queue.addPresence(`@u${index}:here.test`, { presence: 'online' })
  queue.addPresence('@u0:here.test', { presence: 'unavailable' })
  const [first, second] = queue.take(100).edus
  expect(first).toMatchObject({ edu_type: 'm.presence', content: { push: { length: 50 } } })
  expect(second).toMatchObject({ content: { push: { length: 10 } } })
  expect(second).toMatchObject({
    content: { push: expect.arrayContaining([{ user_id: '@u0:here.test', presence: 'unavailable' }]) },
  })
  queue.addPresence('@u0:here.test', { presence: 'online' })
  queue.dropTyping()
  expect(queue.isEmpty).toBe(true)
})
