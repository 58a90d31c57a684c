import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let room: string

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  room = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(room)
})
afterAll(() => server.close())

const roomPath = (roomId = room) => `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`

describe('sending', () => {
  it('does a repeated request once, also while the first is under way', async () => {
    const twice = await Promise.all([alice.say(room, 'once', 'txn'), alice.say(room, 'once', 'txn')])
    expect(await alice.say(room, 'once', 'txn')).toBe(twice[0])
    expect(twice[1]).toBe(twice[0])
    expect(await alice.send(room, 'org.example.other', {}, 'txn')).not.toBe(twice[0])
    expect(await bob.say(room, 'once', 'txn')).not.toBe(twice[0])
    const other = await alice.createRoom()
    expect(await alice.say(other, 'once', 'txn')).not.toBe(twice[0])
  })

  it('does a failed request again', async () => {
    const roomId = await alice.createRoom()
    const send = () =>
      bob.request('PUT', `${roomPath(roomId)}/send/m.room.message/again`, { msgtype: 'm.text', body: 'x' })
    expect((await send()).status).toBe(403)
    await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: bob.userId })
    await bob.join(roomId)
    expect((await send()).status).toBe(200)
  })

  it.each([
    ['{"msgtype":"m.text","body":"x","n":1.5}', 400, 'M_BAD_JSON'],
    ['{"msgtype":"m.text","body":"x","n":9007199254740993}', 400, 'M_BAD_JSON'],
    ['{"msgtype":"m.text","body":"x","a":1,"a":2}', 400, 'M_BAD_JSON'],
    ['{"msgtype":"m.text","body":"\\ud800"}', 400, 'M_BAD_JSON'],
    ['{"msgtype":"m.text"}', 400, 'M_BAD_JSON'],
    ['{"body":"x"}', 400, 'M_BAD_JSON'],
    ['[]', 400, 'M_BAD_JSON'],
    ['{', 400, 'M_NOT_JSON'],
    [JSON.stringify({ msgtype: 'm.text', body: 'x'.repeat(65_536) }), 413, 'M_TOO_LARGE'],
    [JSON.stringify({ msgtype: 'm.text', body: 'x'.repeat(65_200) }), 413, 'M_TOO_LARGE'],
  ])('refuses what is no event (%#)', async (body, status, errcode) => {
    const answer = await alice.request('PUT', `${roomPath()}/send/m.room.message/bad${Math.random()}`, body)
    expect([answer.status, answer.body['errcode']]).toEqual([status, errcode])
    await alice.say(room, 'the room goes on')
  })

  it('sends large events, NUL and odd keys', async () => {
    await alice.send(room, 'org.example', { body: 'x'.repeat(60_000), nul: '\0', constructor: 1 })
    await alice.request('PUT', `${roomPath()}/send/org.example/proto`, '{"__proto__":{"a":1}}')
    const long = encodeURIComponent('é'.repeat(128))
    expect((await alice.request('PUT', `${roomPath()}/send/${long}/1`, {})).status).toBe(413)
  })

  it('refuses those who are not in the room, whether it exists or not', async () => {
    const closed = await alice.createRoom()
    for (const roomId of [closed, `!${'a'.repeat(43)}`, '!unknown:here.test']) {
      const answer = await bob.request('PUT', `${roomPath(roomId)}/send/org.example/x`, {})
      expect([answer.status, answer.body['errcode']]).toEqual([403, 'M_FORBIDDEN'])
    }
  })
})

describe('state', () => {
  it('is read as content, as event and as a whole', async () => {
    const eventId = await alice.setState(room, 'm.room.name', { name: 'Name' })
    expect(await alice.setState(room, 'm.room.name', { name: 'Name' })).toBe(eventId)
    for (const path of ['m.room.name', 'm.room.name/', 'm.room.name?format=content']) {
      expect((await bob.request('GET', `${roomPath()}/state/${path}`)).body).toEqual({ name: 'Name' })
    }
    const event = await bob.request('GET', `${roomPath()}/state/m.room.name/?format=event`)
    expect(event.body).toMatchObject({
      event_id: eventId,
      room_id: room,
      sender: alice.userId,
      state_key: '',
      content: { name: 'Name' },
      unsigned: { age: expect.any(Number) },
    })
    expect((await bob.state(room)).some((state) => state['event_id'] === eventId)).toBe(true)
    expect((await bob.request('GET', `${roomPath()}/state/m.room.topic`)).body['errcode']).toBe('M_NOT_FOUND')
    expect((await bob.request('GET', `${roomPath()}/state/m.room.name/?format=x`)).status).toBe(400)
  })

  it('refuses what the power levels do not allow, and a second create event', async () => {
    const put = (client: TestClient, type: string) =>
      client.request('PUT', `${roomPath()}/state/${type}/`, { name: 'x' })
    expect((await put(bob, 'm.room.name')).body['errcode']).toBe('M_FORBIDDEN')
    expect((await put(alice, 'm.room.create')).status).toBe(400)
    await alice.say(room, 'the room goes on')
  })

  it('gives creators of a room no power level where they have none', async () => {
    const creation_content = { additional_creators: [bob.userId] }
    for (const [version, status] of [
      ['11', 200],
      ['12', 400],
    ] as const) {
      const roomId = await alice.createRoom({ room_version: version, creation_content })
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/m.room.power_levels`
      for (const { userId } of [alice, bob]) {
        const users = { [alice.userId]: 100, [userId]: 100 }
        const levels = version === '12' ? { users: { [userId]: 100 } } : { users }
        expect((await alice.request('PUT', path, levels)).status).toBe(status)
      }
    }
  })

  it.each(['org.matrix.msc3757.10', 'org.matrix.msc3757.11'])('may be owned in %s', async (room_version) => {
    const roomId = await alice.createRoom({
      room_version,
      preset: 'public_chat',
      power_level_content_override: { events: { 'org.example.owned': 0 } },
    })
    await bob.join(roomId)
    const set = async (client: TestClient, stateKey: string) => {
      const path = `${roomPath(roomId)}/state/org.example.owned/${encodeURIComponent(stateKey)}`
      const { status, body } = await client.request('PUT', path, {})
      return body['errcode'] ?? status
    }
    expect(await set(bob, `${bob.userId}_mine`)).toBe(200)
    expect(await set(alice, `${bob.userId}_mine`)).toBe(200)
    expect(await set(bob, `${alice.userId}_hers`)).toBe('M_FORBIDDEN')
    expect(await set(alice, '@oops')).toBe('M_BAD_JSON')
  })

  it('invites by state as by the endpoint', async () => {
    const roomId = await alice.createRoom()
    await alice.setState(roomId, 'm.room.member', { membership: 'invite' }, bob.userId)
    expect(await bob.join(roomId)).toBe(roomId)
  })

  it('is shown to former members as they left it', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat', name: 'before' })
    await bob.join(roomId)
    await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
    await alice.setState(roomId, 'm.room.name', { name: 'after' })
    expect((await bob.request('GET', `${roomPath(roomId)}/state/m.room.name`)).body).toEqual({
      name: 'before',
    })
    const named = (await bob.state(roomId)).find((event) => event['type'] === 'm.room.name')
    expect(named?.['content']).toEqual({ name: 'before' })
  })

  it('of a world readable room is shown to everybody', async () => {
    const roomId = await alice.createRoom({
      initial_state: [
        { type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } },
      ],
    })
    expect((await bob.state(roomId)).length).toBeGreaterThan(3)
  })
})

describe('redaction', () => {
  it.each(['10', '12'])('takes the content away at once in version %s', async (version) => {
    const roomId = await alice.createRoom({ room_version: version, preset: 'public_chat' })
    await bob.join(roomId)
    const name = await alice.setState(roomId, 'm.room.name', { name: 'secret' })
    const redact = (client: TestClient, eventId: string, txnId: string) =>
      client.request('PUT', `${roomPath(roomId)}/redact/${encodeURIComponent(eventId)}/${txnId}`, {
        reason: 'r',
      })
    expect((await redact(bob, name, '1')).body['errcode']).toBe('M_FORBIDDEN')
    const first = await redact(alice, name, '1')
    expect((await redact(alice, name, '1')).body).toEqual(first.body)
    expect((await alice.request('GET', `${roomPath(roomId)}/state/m.room.name`)).body).toEqual({})
    const own = await bob.say(roomId, 'mine')
    expect((await redact(bob, own, '2')).status).toBe(200)
    expect((await redact(alice, 'nothing', '3')).body['errcode']).toBe('M_NOT_FOUND')
    const yetToCome = '$' + 'a'.repeat(43)
    expect((await redact(bob, yetToCome, '4')).body['errcode']).toBe('M_FORBIDDEN')
    expect((await redact(alice, yetToCome, '5')).status).toBe(200)
  })

  it.each(['10', '12'])('is sent as an event in version %s', async (version) => {
    const roomId = await alice.createRoom({ room_version: version })
    const name = await alice.setState(roomId, 'm.room.name', { name: 'secret' })
    await alice.send(roomId, 'm.room.redaction', { redacts: name })
    expect((await alice.request('GET', `${roomPath(roomId)}/state/m.room.name`)).body).toEqual({})
  })
})

describe('aliases', () => {
  const aliasPath = (alias: string) => `/_matrix/client/v3/directory/room/${encodeURIComponent(alias)}`

  it('are made, found, listed and taken away', async () => {
    const alias = '#straße:here.test'
    const put = (client: TestClient, roomId = room) =>
      client.request('PUT', aliasPath(alias), { room_id: roomId })
    expect((await alice.request('GET', aliasPath(alias))).body['errcode']).toBe('M_NOT_FOUND')
    expect((await put(alice)).status).toBe(200)
    expect((await put(bob)).status).toBe(409)
    const found = await server.anonymous().request('GET', aliasPath(alias))
    expect(found.body).toEqual({ room_id: room, servers: ['here.test'] })
    expect((await bob.request('GET', `${roomPath()}/aliases`)).body).toEqual({ aliases: [alias] })
    expect(await bob.join(alias)).toBe(room)
    expect((await bob.request('DELETE', aliasPath(alias))).body['errcode']).toBe('M_FORBIDDEN')
    expect((await alice.request('DELETE', aliasPath(alias))).status).toBe(200)
    expect((await alice.request('DELETE', aliasPath(alias))).status).toBe(404)
    expect((await alice.request('PUT', aliasPath('#x:elsewhere'), { room_id: room })).status).toBe(400)
    expect((await alice.request('GET', aliasPath('nothing'))).body['errcode']).toBe('M_INVALID_PARAM')
  })

  it('that are canonical must name the room', async () => {
    await alice.request('PUT', aliasPath('#canonical:here.test'), { room_id: room })
    const other = await alice.createRoom()
    const set = async (roomId: string, content: Json) =>
      (await alice.request('PUT', `${roomPath(roomId)}/state/m.room.canonical_alias`, content)).body[
        'errcode'
      ]
    expect(await set(room, { alias: '#canonical:here.test' })).toBeUndefined()
    expect(await set(other, { alias: '#canonical:here.test' })).toBe('M_BAD_ALIAS')
    expect(await set(other, { alt_aliases: ['#unknown:here.test'] })).toBe('M_BAD_ALIAS')
    expect(await set(other, { alias: 'no alias' })).toBe('M_INVALID_PARAM')
    await alice.request('DELETE', aliasPath('#canonical:here.test'))
    expect((await bob.request('GET', `${roomPath()}/state/m.room.canonical_alias`)).body).toEqual({})
    expect(await set(room, { alias: '#canonical:here.test' })).toBe('M_BAD_ALIAS')
    expect(await set(room, { alias: null })).toBeUndefined()
  })
})
