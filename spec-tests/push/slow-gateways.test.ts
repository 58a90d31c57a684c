import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { pusherFor, startPushGateway, type PushGateway } from '../support/push-gateway.ts'
import type { TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

/** Requests to one gateway at a time. */
const CONNECTIONS = 20
const LISTENERS = 30

let server: TestServer
let fast: PushGateway
let slow: PushGateway
let alice: TestClient
beforeAll(async () => {
  fast = await startPushGateway()
  slow = await startPushGateway()
  server = await startTestServer({
    config: { push: { allow_insecure_gateways: true, quiet_while_active: '2s', group_interval: '2s' } },
  })
  alice = await server.register('alice')
})
afterAll(async () => {
  await server.close()
  await fast.close()
  await slow.close()
})

it('a gateway that hangs has so many requests at a time, and keeps nobody else waiting', async () => {
  const room = await alice.createRoom({ preset: 'public_chat' })
  await slow.behave({ hangs: true })
  for (let n = 0; n < LISTENERS; n++) {
    const listener = await server.register(`listener${n}`)
    await listener.join(room)
    const gateway = n === 0 ? fast : slow
    await listener.call('POST', '/pushers/set', pusherFor(gateway, `hanging${n}`))
  }
  const first = await alice.say(room, 'first')
  await fast.told('hanging0', first)
  await eventually('all connections', async () => (await slow.seen()).asked >= CONNECTIONS)
  const second = await alice.say(room, 'second')
  await fast.told('hanging0', second)
  expect((await slow.seen()).mostAtOnce).toBeLessThanOrEqual(CONNECTIONS)
})

it('a busy group is told of by its newest message; mentions and direct messages come at once', async () => {
  const [bob, carol] = [await server.register('bob'), await server.register('carol')]
  const group = await alice.createRoom({ preset: 'public_chat' })
  for (const member of [bob, carol]) await member.join(group)
  const direct = await carol.createRoom({ preset: 'public_chat' })
  await bob.join(direct)
  await bob.call('POST', '/pushers/set', pusherFor(fast, 'busy', { format: 'event_id_only' }))
  const calm: string[] = []
  for (let n = 0; n < 5; n++) {
    calm.push(await alice.say(group, `calm ${n}`))
    await fast.told('busy', calm.at(-1)!)
  }
  const crowd: string[] = []
  for (let n = 0; n < 10; n++) crowd.push(await alice.say(group, `crowd ${n}`))
  const mentioning = { msgtype: 'm.text', body: 'Bob', 'm.mentions': { user_ids: [bob.userId] } }
  const mention = await alice.send(group, 'm.room.message', mentioning)
  const whisper = await carol.say(direct, 'whisper')
  await fast.told('busy', mention)
  await fast.told('busy', whisper)
  const told = async () => (await fast.eventsOf('busy')).map(({ event_id }) => event_id)
  expect((await told()).toSorted()).toEqual([...calm, mention, whisper].toSorted())
  await fast.told('busy', crowd.at(-1)!)
  expect((await told()).filter((eventId) => crowd.includes(eventId!))).toEqual([crowd.at(-1)])
})

it('who is just doing something is told a little later, and not of what they read meanwhile; calls ring', async () => {
  const dora = await server.register('dora')
  const room = await alice.createRoom({ preset: 'public_chat' })
  await dora.join(room)
  await dora.call('POST', '/pushers/set', pusherFor(fast, 'quiet'))
  await dora.say(room, 'I am here')
  const read = await alice.say(room, 'so am I')
  const call = await alice.send(room, 'm.call.invite', { call_id: 'c', version: '1', lifetime: 1, offer: {} })
  await fast.told('quiet', call)
  const path = `/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(call)}`
  await dora.call('POST', path, {})
  const unread = await alice.say(room, 'and gone')
  await fast.told('quiet', unread)
  const told = (await fast.eventsOf('quiet')).map(({ event_id }) => event_id)
  expect(told).toEqual([call, unread])
  expect(told).not.toContain(read)
})
