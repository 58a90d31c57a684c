import { expect, test } from 'vitest'
import { startAppService } from '../support/app-service.ts'
import { eventually } from '../support/eventually.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

const GHOST = '@_bridge_anna:north.test'

test('a bridge is told of invites from another server, and of what is said once its ghost has joined there', async () => {
  const bridge = await startAppService()
  // Both servers have the same registration; only north has the ghost.
  await using pair = await startRegionPair({}, { app_service_config_files: [bridge.registrationFile] })
  const told = (eventId: string) =>
    bridge.requests
      .flatMap(({ body }) => (body['events'] ?? []) as Json[])
      .find((event) => event['event_id'] === eventId)
  await pair.withLogs(async () => {
    const bot = bridge.actor(pair.north.url)
    const body = { type: 'm.login.application_service', username: '_bridge_anna', inhibit_login: true }
    await bot.call('POST', '/register', body)
    const person = new TestClient(pair.south.url)
    await person.register('person')
    const roomId = await person.createRoom({ preset: 'private_chat', name: 'Far away' })
    await person.call('POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: GHOST })
    const invite = (await person.state(roomId)).find((event) => event['state_key'] === GHOST)!
    const seen = await eventually('the invite', () => told(String(invite['event_id'])))
    expect(seen).toMatchObject({
      type: 'm.room.member',
      room_id: roomId,
      sender: person.userId,
      state_key: GHOST,
      content: { membership: 'invite' },
    })
    const state = (seen['unsigned'] as Json)['invite_room_state'] as Json[]
    expect(state.map((event) => event['type'])).toContain('m.room.name')
    await bridge.actor(pair.north.url, GHOST).join(roomId, ['south.test'])
    const eventId = await person.say(roomId, 'said far away')
    expect(await eventually('the message', () => told(eventId))).toMatchObject({
      content: { body: 'said far away' },
    })
  })
  await bridge.close()
})
