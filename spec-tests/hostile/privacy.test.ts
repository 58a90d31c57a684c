import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Json, TestAnswer, TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { HERE, hostileWorld, type HostileWorld } from './support/hostile-world.ts'

const V3 = '/_matrix/client/v3'
const SLIDING = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'
const id = encodeURIComponent

let world: HostileWorld
let alice: TestClient
let mallory: TestClient
let roomId: string
let eventId: string

beforeAll(async () => {
  world = await hostileWorld()
  ;[alice, mallory] = [await world.register('alice'), await world.register('mallory')]
  roomId = await alice.createRoom({ name: 'Board', topic: 'takeover', room_alias_name: 'board' })
  eventId = await alice.say(roomId, 'we sell')
})
afterAll(() => world.close())
afterEach(() => expect(world.takeFailures()).toEqual([]))

const said = ({ status, body }: TestAnswer) => [status, body['errcode'], body['error']]

describe('who is not in a room', () => {
  const reading = (room: string): readonly (readonly [string, string])[] => {
    const [one, of] = [`/_matrix/client/v1/rooms/${id(room)}`, `${V3}/rooms/${id(room)}`]
    return [
      ['GET', `${of}/state`],
      ['GET', `${of}/state/m.room.name`],
      ['GET', `${of}/state/m.room.member/${id(alice.userId)}`],
      ['GET', `${of}/members`],
      ['GET', `${of}/joined_members`],
      ['GET', `${of}/messages?dir=b`],
      ['GET', `${of}/aliases`],
      ['GET', `${of}/event/${id(eventId)}`],
      ['GET', `${of}/context/${id(eventId)}`],
      ['GET', `${one}/relations/${id(eventId)}`],
      ['GET', `${one}/threads`],
      ['GET', `${one}/hierarchy`],
      ['POST', `${of}/receipt/m.read/${id(eventId)}`],
      ['PUT', `${of}/typing/${id(mallory.userId)}`],
      ['PUT', `${of}/send/m.room.message/t`],
      ['PUT', `${of}/redact/${id(eventId)}/t`],
      ['POST', `${of}/invite`],
      ['POST', `${of}/report/${id(eventId)}`],
    ]
  }

  test('is told the same of it as of a room that there is not', async () => {
    const bodies: Readonly<Record<string, Json>> = {
      typing: { typing: true },
      invite: { user_id: mallory.userId },
      report: { reason: 'x' },
    }
    const nowhere = `!${'x'.repeat(43)}`
    for (const [index, [method, path]] of reading(roomId).entries()) {
      const [, name = ''] = /\/(typing|invite|report)/.exec(path) ?? []
      const body = method === 'GET' ? undefined : (bodies[name] ?? {})
      const there = await mallory.request(method, path, body)
      expectSound(path, there.status, JSON.stringify(there.body))
      expect(there.status, path).toBeGreaterThanOrEqual(400)
      expect(JSON.stringify(there.body)).not.toMatch(/Board|takeover|we sell/)
      const unknown = await mallory.request(method, reading(nowhere)[index]![1], body)
      expect(said(there).slice(0, 2), path).toEqual(said(unknown).slice(0, 2))
    }
  })

  test('does not get to know of it by sliding sync, nor by its directory entries', async () => {
    const subscription = { timeline_limit: 10, required_state: [['*', '*']] }
    const answer = await mallory.request('POST', SLIDING, { room_subscriptions: { [roomId]: subscription } })
    expect(JSON.stringify(answer.body)).not.toMatch(/Board|takeover|we sell/)
    expect((answer.body['rooms'] as Json | undefined) ?? {}).toEqual({})
    const summary = await mallory.request('GET', `/_matrix/client/v1/room_summary/${id(roomId)}`)
    expect(summary.status).toBeGreaterThanOrEqual(400)
    const found = await mallory.request('POST', `${V3}/publicRooms`, {
      filter: { generic_search_term: 'Board' },
    })
    expect(JSON.stringify(found.body)).not.toContain('takeover')
  })
})

test('who has left sees the room as it was then, by every way', async () => {
  const leaver = await world.register('leaver')
  const room = await alice.createRoom({ preset: 'public_chat', name: 'Before' })
  await leaver.join(room)
  const { next_batch } = await leaver.sync({ timeout: '0' })
  const list = { ranges: [[0, 9]], timeline_limit: 10, required_state: [['*', '*']] }
  const request = { lists: { all: list }, room_subscriptions: { [room]: list } }
  const first = await leaver.request('POST', SLIDING, request)
  await leaver.call('POST', `/rooms/${id(room)}/leave`, {})
  await alice.setState(room, 'm.room.name', { name: 'Afterwards' })
  await alice.say(room, 'Afterwards')
  const newcomer = await world.register('afterwards')
  await newcomer.join(room)
  const everything: Json[] = []
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await leaver.request(method, path, body)
    expectSound(path, answer.status, JSON.stringify(answer.body))
    // Whose devices need no more attention is worked out from the members of now.
    const { device_lists: _, ...rest } = answer.body
    everything.push(rest)
  }
  const leave = id('{"room":{"include_leave":true}}')
  for (const query of ['', `&since=${String(next_batch)}`, `&filter=${leave}`, '&full_state=true']) {
    await ask('GET', `${V3}/sync?timeout=0${query}`)
  }
  await ask('POST', `${SLIDING}?pos=${String(first.body['pos'])}`, request)
  await ask('POST', SLIDING, request)
  const of = `${V3}/rooms/${id(room)}`
  for (const path of [
    'state',
    'members',
    'joined_members',
    'messages?dir=b',
    'messages?dir=f',
    'state/m.room.name',
  ]) {
    await ask('GET', `${of}/${path}`)
  }
  await ask('GET', `/_matrix/client/v1/rooms/${id(room)}/threads`)
  await ask('POST', `${V3}/search`, { search_categories: { room_events: { search_term: 'Afterwards' } } })
  expect(JSON.stringify(everything)).not.toMatch(/"(body|name)":"Afterwards"|"@afterwards:/)
})

describe('of others’ accounts', () => {
  test.each(['account_data/m.direct', 'filter/0', 'rooms/!x:y/account_data/m.tag'])(
    '%s is closed',
    async (what) => {
      const path = `${V3}/user/${id(alice.userId)}/${what}`
      expect((await mallory.request('GET', path)).status).toBe(403)
    },
  )

  test('devices are not to be found, changed or deleted', async () => {
    const path = `${V3}/devices/${id(alice.deviceId)}`
    expect((await mallory.request('GET', path)).status).toBe(404)
    expect((await mallory.request('PUT', path, { display_name: 'mine' })).status).toBe(404)
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: mallory.userId },
      password: 'correct horse battery',
    }
    const deleted = await mallory.request('DELETE', path, { auth })
    expectSound(path, deleted.status, JSON.stringify(deleted.body))
    expect((await alice.request('GET', `${V3}/account/whoami`)).body['device_id']).toBe(alice.deviceId)
  })

  test('profiles cannot be written', async () => {
    const path = `${V3}/profile/${id(alice.userId)}/displayname`
    expect((await mallory.request('PUT', path, { displayname: 'fool' })).status).toBe(403)
  })
})

describe('administration', () => {
  const paths = (user: string): readonly (readonly [string, string, Json?])[] => [
    ['GET', `${V3}/admin/whois/${user}`],
    ['GET', `/_matrix/client/v1/admin/whois/${user}`],
    ['GET', `/_matrix/client/v1/admin/lock/${user}`],
    ['PUT', `/_matrix/client/v1/admin/lock/${user}`, { locked: true }],
    ['GET', `/_matrix/client/v1/admin/suspend/${user}`],
    ['PUT', `/_matrix/client/v1/admin/suspend/${user}`, { suspended: true }],
  ]

  test('is closed to whoever is no administrator, whomever the path names', async () => {
    const strange = [`@unknown:${HERE}`, '@x:elsewhere.test', 'x', '@', "'--"].map(id)
    for (const user of [id(alice.userId), `${id(alice.userId)}%2F`, ...strange]) {
      for (const [method, path, body] of paths(user)) {
        const answer = await mallory.request(method, path, body)
        expect([answer.status, answer.body['errcode']], `${method} ${path}`).toEqual([403, 'M_FORBIDDEN'])
        const nobody = new (mallory.constructor as new (url: string) => TestClient)(world.url)
        expect((await nobody.request(method, path, body)).status, path).toBe(401)
      }
    }
    expect((await alice.request('GET', `${V3}/account/whoami`)).status).toBe(200)
  })
})

describe('another server', () => {
  test.each(['M_UNKNOWN_TOKEN', 'M_MISSING_TOKEN', 'M_USER_LOCKED', 'M_USER_DEACTIVATED'])(
    'that says %s to us does not have the client logged out',
    async (errcode) => {
      const { peer } = world
      const refuse = () => {
        throw new MatrixError(401, errcode, 'secret of the other', { soft_logout: false })
      }
      Object.assign(peer.answers, {
        makeJoin: refuse,
        publicRooms: refuse,
      })
      const before = peer.asked.length
      const room = id('!room:there.test')
      const asked: readonly (readonly [string, string])[] = [
        ['POST', `${V3}/join/${room}?via=there.test`],
        ['GET', `${V3}/publicRooms?server=there.test`],
      ]
      for (const [method, path] of asked) {
        const answer = await alice.request(method, path, method === 'GET' ? undefined : {})
        expect([401, 200], path).not.toContain(answer.status)
        const text = JSON.stringify(answer.body)
        expect(text, path).not.toMatch(/TOKEN|LOCKED|DEACTIVATED|soft_logout|secret of the other/)
      }
      expect(new Set(peer.asked.slice(before)).size).toBe(asked.length)
      // That the other server fails is worth a warning.
      world.takeFailures()
    },
  )
})
