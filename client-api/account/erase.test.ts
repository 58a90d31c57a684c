import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const PASSWORD = 'correct horse battery'
const id = encodeURIComponent

async function close(user: TestClient, erase: boolean): Promise<void> {
  const identifier = { type: 'm.id.user', user: user.userId }
  const auth = { type: 'm.login.password', identifier, password: PASSWORD }
  await user.call('POST', '/account/deactivate', { erase, auth })
}

const contentOf = async (reader: TestClient, roomId: string, eventId: string) =>
  (await reader.call('GET', `/rooms/${id(roomId)}/event/${eventId}`))['content']

async function messagesOf(reader: TestClient, roomId: string): Promise<readonly Json[]> {
  return (await reader.call('GET', `/rooms/${id(roomId)}/messages?dir=b`))['chunk'] as Json[]
}

async function membershipOf(reader: TestClient, roomId: string, userId: string): Promise<unknown> {
  const member = (await reader.state(roomId)).find(
    (event) => event['type'] === 'm.room.member' && event['state_key'] === userId,
  )
  return (member?.['content'] as Json)['membership']
}

test('a closed account leaves its rooms and refuses its invites', async () => {
  const [leaver, host] = [await server.register('leaver'), await server.register('host')]
  const joined = await host.createRoom({ preset: 'public_chat' })
  await leaver.join(joined)
  const invited = await host.createRoom({ invite: [leaver.userId] })
  await close(leaver, false)
  for (const roomId of [joined, invited]) {
    await expect.poll(() => membershipOf(host, roomId, leaver.userId)).toBe('leave')
  }
})

test('what an erased user said is shown to those who heard it, and redacted to those who come later', async () => {
  const [speaker, witness] = [await server.register('speaker'), await server.register('witness')]
  const roomId = await witness.createRoom({ preset: 'public_chat' })
  await speaker.join(roomId)
  const said = await speaker.say(roomId, 'what I said')
  const kept = await witness.say(roomId, 'what I kept')
  await close(speaker, true)
  await expect.poll(() => membershipOf(witness, roomId, speaker.userId)).toBe('leave')
  const late = await server.register('late')
  await late.join(roomId)
  expect(await contentOf(witness, roomId, said)).toEqual({ msgtype: 'm.text', body: 'what I said' })
  expect(await contentOf(late, roomId, said)).toEqual({})
  expect(await contentOf(late, roomId, kept)).toMatchObject({ body: 'what I kept' })
  expect(JSON.stringify(await messagesOf(late, roomId))).not.toContain('what I said')
  expect(JSON.stringify(await messagesOf(witness, roomId))).toContain('what I said')
})

test('a closed account that is not erased is heard as before', async () => {
  const [speaker, witness] = [await server.register('quiet'), await server.register('listener')]
  const roomId = await witness.createRoom({ preset: 'public_chat' })
  await speaker.join(roomId)
  const said = await speaker.say(roomId, 'still here')
  await close(speaker, false)
  const late = await server.register('later')
  await late.join(roomId)
  expect(await contentOf(late, roomId, said)).toMatchObject({ body: 'still here' })
})
