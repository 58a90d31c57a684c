import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../homeserver/rooms/actions/actor.ts'
import { parsePdu } from '../../../protocol/events/parse-pdu.ts'
import type { JsonObject, JsonValue } from '../../../protocol/json/value.ts'
import { joinAsPeer, listOf, type PeerRoom } from '../../test-support/peer-room.ts'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../../test-support/scripted-peer.ts'

let network: PrivateNetwork
let here: ResidentServer
let peer: ScriptedPeer
let stranger: ScriptedPeer
let alice: Actor

beforeAll(async () => {
  network = await privateNetwork()
  here = await residentServer(network, 'here.test')
  peer = await scriptedPeer(network, 'there.test', 'here.test')
  stranger = await scriptedPeer(network, 'stranger.test', 'here.test')
  alice = await here.user('alice')
})
afterAll(async () => {
  await Promise.all([peer.server.close(), stranger.server.close()])
  await here.close()
  await network.close()
})

const v1 = (path: string) => `/_matrix/federation/v1/${path}`
const id = encodeURIComponent

function say(roomId: string, body: string): Promise<string> {
  return here.send(roomId, { type: 'm.room.message', sender: alice.userId, content: { body } })
}

function get(path: string, from = peer) {
  return from.request('GET', v1(path))
}

function events(room: PeerRoom, answer: JsonValue, key: string) {
  return listOf(answer, key).map((pdu) => parsePdu(pdu, room.version))
}

async function closedRoom(visibility: string) {
  const roomId = await here.createRoom(alice)
  const content: JsonObject = { history_visibility: visibility }
  await here.send(roomId, { type: 'm.room.history_visibility', stateKey: '', sender: alice.userId, content })
  return roomId
}

describe('history', () => {
  it('goes back from events, the nearest first, no further than asked', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const sent = [await say(roomId, '1'), await say(roomId, '2'), await say(roomId, '3')]
    const answer = await get(`backfill/${id(roomId)}?v=${id(sent[2]!)}&limit=2`)
    expect(events(room, answer.body, 'pdus').map(({ eventId }) => eventId)).toEqual([sent[2], sent[1]])
    const all = await get(`backfill/${id(roomId)}?v=${id(sent[2]!)}&limit=1000`)
    expect(events(room, all.body, 'pdus').at(-1)?.type).toBe('m.room.create')
  })

  it('between events is given causes first', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const sent = [await say(roomId, '1'), await say(roomId, '2'), await say(roomId, '3')]
    const between = { earliest_events: [room.newest.eventId], latest_events: [sent[2]!], limit: 10 }
    const answer = await peer.request('POST', v1(`get_missing_events/${id(roomId)}`), between)
    expect(events(room, answer.body, 'events').map(({ eventId }) => eventId)).toEqual([sent[0], sent[1]])
  })

  it('shows what an erased user said to servers that heard it', async () => {
    const roomId = await here.createRoom(alice)
    const eve = await here.user('eve')
    await here.send(roomId, {
      type: 'm.room.member',
      stateKey: eve.userId,
      sender: alice.userId,
      content: { membership: 'invite' },
    })
    const sender = eve.userId
    await here.send(roomId, {
      type: 'm.room.member',
      stateKey: sender,
      sender,
      content: { membership: 'join' },
    })
    const speak = (body: string) => here.send(roomId, { type: 'm.room.message', sender, content: { body } })
    const unheard = await speak('unheard')
    const room = await joinAsPeer(peer, roomId, 'bob')
    const heard = await speak('heard')
    here.actions.services.erasedUsers.add(eve.userNid)
    const answer = await get(`backfill/${id(roomId)}?v=${id(heard)}&limit=100`)
    const contents = new Map(
      events(room, answer.body, 'pdus').map(({ eventId, content }) => [eventId, content]),
    )
    expect([contents.get(unheard), contents.get(heard)]).toEqual([{}, { body: 'heard' }])
  })

  it('shows no content from before the server came where only members may see it', async () => {
    const roomId = await closedRoom('joined')
    const before = await say(roomId, 'secret')
    const room = await joinAsPeer(peer, roomId, 'bob')
    const after = await say(roomId, 'for all')
    const answer = await get(`backfill/${id(roomId)}?v=${id(after)}&limit=10`)
    const contents = new Map(
      events(room, answer.body, 'pdus').map(({ eventId, content }) => [eventId, content]),
    )
    expect(contents.get(after)).toEqual({ body: 'for all' })
    expect(contents.get(before)).toEqual({})
    const single = await get(`event/${id(before)}`)
    expect(events(room, single.body, 'pdus')[0]?.content).toEqual({})
  })

  it('shows everything that the room shares with its members', async () => {
    const roomId = await closedRoom('shared')
    const before = await say(roomId, 'told to all')
    const room = await joinAsPeer(peer, roomId, 'bob')
    const answer = await get(`event/${id(before)}`)
    expect(events(room, answer.body, 'pdus')[0]?.content).toEqual({ body: 'told to all' })
  })

  it('shows redacted events redacted', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const target = await say(roomId, 'regretted')
    await here.send(roomId, { type: 'm.room.redaction', sender: alice.userId, content: {}, redacts: target })
    const answer = await get(`event/${id(target)}`)
    expect(events(room, answer.body, 'pdus')[0]?.content).toEqual({})
  })
})

describe('state', () => {
  it('before an event comes with its auth chain, as events and as ids', async () => {
    const roomId = await here.createRoom(alice, { version: '10' })
    const room = await joinAsPeer(peer, roomId, 'bob')
    const eventId = await say(roomId, 'now')
    const whole = await get(`state/${id(roomId)}?event_id=${id(eventId)}`)
    const ids = await get(`state_ids/${id(roomId)}?event_id=${id(eventId)}`)
    const state = events(room, whole.body, 'pdus').map((event) => event.eventId)
    expect(state.toSorted()).toEqual([...room.state.values()].map((event) => event.eventId).toSorted())
    expect((ids.body as { pdu_ids: string[] }).pdu_ids.toSorted()).toEqual(state.toSorted())
    const chain = events(room, whole.body, 'auth_chain').map((event) => event.eventId)
    expect((ids.body as { auth_chain_ids: string[] }).auth_chain_ids.toSorted()).toEqual(chain.toSorted())
  })

  it('does not hold the event itself', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const answer = await get(`state/${id(roomId)}?event_id=${id(room.newest.eventId)}`)
    const state = events(room, answer.body, 'pdus')
    expect(state.some(({ stateKey }) => stateKey === room.userId)).toBe(false)
  })

  it('of an event that is not known is not known', async () => {
    const roomId = await here.createRoom(alice)
    await joinAsPeer(peer, roomId, 'bob')
    expect(await get(`state/${id(roomId)}?event_id=${id('$unknown')}`)).toMatchObject({ status: 404 })
  })

  it('has an auth chain for each event', async () => {
    const roomId = await here.createRoom(alice, { version: '11' })
    const room = await joinAsPeer(peer, roomId, 'bob')
    const answer = await get(`event_auth/${id(roomId)}/${id(room.newest.eventId)}`)
    const chain = events(room, answer.body, 'auth_chain')
    expect(chain.map(({ type }) => type)).toContain('m.room.create')
    expect(chain.map((event) => event.eventId)).toEqual(expect.arrayContaining([...room.newest.authEvents]))
  })
})

describe('servers that are not in the room, or shut out of it,', () => {
  async function everyRoute(roomId: string, eventId: string, from: ScriptedPeer) {
    const answers = await Promise.all([
      get(`state/${id(roomId)}?event_id=${id(eventId)}`, from),
      get(`state_ids/${id(roomId)}?event_id=${id(eventId)}`, from),
      get(`event/${id(eventId)}`, from),
      get(`event_auth/${id(roomId)}/${id(eventId)}`, from),
      get(`backfill/${id(roomId)}?v=${id(eventId)}&limit=1`, from),
      from.request('POST', v1(`get_missing_events/${id(roomId)}`), {
        earliest_events: [],
        latest_events: [eventId],
      }),
    ])
    return answers.map(({ status }) => status)
  }

  it('are told nothing', async () => {
    const roomId = await here.createRoom(alice)
    const eventId = await say(roomId, 'for members')
    expect(await everyRoute(roomId, eventId, stranger)).toEqual(Array(6).fill(403))
    await joinAsPeer(stranger, roomId, 'eve')
    expect(await everyRoute(roomId, eventId, stranger)).toEqual(Array(6).fill(200))
    const deny = { allow: ['*'], deny: ['stranger.*'] }
    await here.send(roomId, { type: 'm.room.server_acl', stateKey: '', sender: alice.userId, content: deny })
    expect(await everyRoute(roomId, eventId, stranger)).toEqual(Array(6).fill(403))
  })

  it('get no event of one room by way of another', async () => {
    const mine = await here.createRoom(alice)
    await joinAsPeer(stranger, mine, 'eve')
    const secret = await say(await here.createRoom(alice), 'of another room')
    expect(await get(`state/${id(mine)}?event_id=${id(secret)}`, stranger)).toMatchObject({ status: 404 })
    expect(await get(`event_auth/${id(mine)}/${id(secret)}`, stranger)).toMatchObject({ status: 404 })
    const walked = await get(`backfill/${id(mine)}?v=${id(secret)}&limit=5`, stranger)
    expect(walked.body).toMatchObject({ pdus: [] })
  })
})
