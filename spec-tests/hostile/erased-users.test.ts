import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json, TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const id = encodeURIComponent

let server: TestServer
let late: TestClient
let witness: TestClient
let roomId: string
let eventId: string

beforeAll(async () => {
  server = await startTestServer()
  const speaker = await server.register('speaker')
  ;[late, witness] = [await server.register('late'), await server.register('witness')]
  roomId = await speaker.createRoom({ preset: 'public_chat', name: 'Speakers' })
  await witness.join(roomId)
  await speaker.setState(roomId, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' })
  eventId = await speaker.say(roomId, 'what I said')
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: speaker.userId },
    password: 'correct horse battery',
  }
  await speaker.call('POST', '/account/deactivate', { erase: true, auth })
  await late.join(roomId)
})
afterAll(() => server.close())

/** Everything that `reader` can ask for in which the message could be. */
async function everything(reader: TestClient): Promise<string> {
  const room = `/rooms/${id(roomId)}`
  const filters = [
    {},
    { event_format: 'federation' },
    { event_fields: ['content', 'content.body', 'unsigned'] },
    { event_format: 'federation', event_fields: ['content.body'] },
  ].map((form) => JSON.stringify({ ...form, room: { timeline: { limit: 100 } } }))
  const answers: Json[] = []
  for (const filter of filters) answers.push(await reader.sync({ timeout: '0', filter }))
  for (const path of ['messages?dir=b&limit=100', `event/${id(eventId)}`, `context/${id(eventId)}`]) {
    answers.push(await reader.call('GET', `${room}/${path}`))
  }
  return JSON.stringify(answers)
}

test('nothing that an erased user said is shown to who came later, in any form of event', async () => {
  expect(await everything(late)).not.toContain('what I said')
  expect(await everything(witness)).toContain('what I said')
})

test('the room stays what it is: its name, its encryption and its powers are no message', async () => {
  for (const reader of [late, witness]) {
    const state = await reader.state(roomId)
    const contentOf = (type: string) => state.find((event) => event['type'] === type)?.['content']
    expect(contentOf('m.room.encryption')).toEqual({ algorithm: 'm.megolm.v1.aes-sha2' })
    expect(contentOf('m.room.name')).toEqual({ name: 'Speakers' })
  }
})
