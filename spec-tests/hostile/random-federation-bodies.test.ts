import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  fromTemplate,
  joinAsPeer,
  makeTarget,
  type PeerRoom,
} from '../../federation/test-support/peer-room.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json/value.ts'
import type { TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { forge } from './support/forge.ts'
import { queries, spoiled, targets } from './support/hostile-values.ts'
import { HERE, hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'
import { signedRequest } from './support/signed-request.ts'
import { soundParameters } from './support/sound-requests.ts'

/** Signed requests over TLS cost more than others; each makes many choices of its own. */
const RUNS_PER_ENDPOINT = 25
const RUNS_OF_EVENTS = 60

let world: HostileWorld
let alice: TestClient

beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
})
afterAll(() => world.close())

const TYPES = [
  'm.room.message',
  'm.room.member',
  'm.room.create',
  'm.room.redaction',
  'm.room.aliases',
  'x.y',
]
const INVITE = { signed: { mxid: `@bob:${THERE}`, token: 't', signatures: {} } }

const V1 = '/_matrix/federation/v1'
const V2 = '/_matrix/federation/v2'

async function roomOf(version: string): Promise<PeerRoom> {
  const roomId = await alice.createRoom({ preset: 'public_chat', room_version: version })
  return joinAsPeer(world.peer, roomId, 'bob')
}

async function ask(method: string, target: string, body: string | undefined): Promise<void> {
  const { status, text } = await signedRequest(world.peer, world.federation, method, target, body)
  expectSound(`${method} ${target} ${body}`, status, text)
}

/** Bodies that a good server could send, by endpoint. */
function bodies(room: PeerRoom, membership: JsonObject): Record<string, JsonObject> {
  const typing = { room_id: room.roomId, user_id: room.userId, typing: true }
  const receipt = { [room.userId]: { event_ids: [room.newest.eventId], data: { ts: 1, thread_id: 'main' } } }
  const leave = room.build({ type: 'm.room.member', stateKey: room.userId, content: { membership: 'leave' } })
  const invite = room.build({
    type: 'm.room.member',
    stateKey: alice.userId,
    content: { membership: 'invite' },
  })
  const shown = [...room.state.values()].map(({ pdu }) => pdu)
  return {
    [`PUT ${V1}/send/:txnId`]: {
      origin: THERE,
      origin_server_ts: 1,
      pdus: [room.build({}).pdu],
      edus: [
        { edu_type: 'm.typing', content: typing },
        { edu_type: 'm.receipt', content: { [room.roomId]: { 'm.read': receipt } } },
      ],
    },
    [`PUT ${V2}/send_join/:roomId/:eventId`]: membership,
    [`PUT ${V2}/send_leave/:roomId/:eventId`]: leave.pdu,
    [`PUT ${V1}/send_knock/:roomId/:eventId`]: membership,
    [`PUT ${V1}/invite/:roomId/:eventId`]: invite.pdu,
    [`PUT ${V2}/invite/:roomId/:eventId`]: {
      room_version: room.version.id,
      event: invite.pdu,
      invite_room_state: shown,
    },
    [`POST ${V1}/get_missing_events/:roomId`]: {
      earliest_events: [],
      latest_events: [room.newest.eventId],
      limit: 10,
      min_depth: 0,
    },
  }
}

test('no endpoint fails or hangs, whatever servers send', async () => {
  const endpoints = world.endpoints.filter(({ pattern }) => pattern.startsWith('/_matrix/federation/'))
  expect(endpoints.length).toBeGreaterThan(15)
  for (const version of ['1', '12']) {
    for (const { method, pattern } of endpoints) {
      const room = await roomOf(version)
      const made = await world.peer.request('GET', makeTarget('make_join', room.roomId, room.userId))
      const join = fromTemplate(world.peer, made.body).event
      const sound = soundParameters({
        userId: alice.userId,
        deviceId: alice.deviceId,
        otherUserId: room.userId,
        roomId: room.roomId,
        roomAlias: `#a:${HERE}`,
        eventId: pattern.includes('send_') ? join.eventId : room.newest.eventId,
        since: 'x',
      })
      const body = bodies(room, join.pdu)[`${method} ${pattern}`]
      const spoil = method === 'GET' ? fc.constant(undefined) : spoiled(body ?? {}, { signable: true })
      await fc.assert(
        fc.asyncProperty(spoil, queries(sound), targets(pattern, sound), async (sent, query, path) => {
          await ask(method, `${path}?${query}`, sent)
        }),
        { numRuns: RUNS_PER_ENDPOINT },
      )
    }
  }
  expect(world.takeFailures()).toEqual([])
}, 600_000)

test.each(['1', '6', '10', '12'])(
  'no event of version %s fails the server, whatever it says',
  async (version) => {
    const room = await roomOf(version)
    const sound = fc.constantFrom(...TYPES).map((type): JsonObject => {
      const content = {
        membership: 'join',
        body: 'b',
        redacts: room.newest.eventId,
        third_party_invite: INVITE,
      }
      const isState = !['m.room.message', 'm.room.redaction'].includes(type)
      return { ...room.build({ content }).pdu, type, ...(isState && { state_key: room.userId }) }
    })
    await fc.assert(
      fc.asyncProperty(
        sound.chain((pdu) => spoiled(pdu, { signable: true })),
        async (text) => {
          const fields = parseJson(text)
          const { pdu } = forge(world.peer, isJsonObject(fields) ? fields : {}, room.version)
          await ask('PUT', `${V1}/send/${crypto.randomUUID()}`, JSON.stringify({ pdus: [pdu] }))
        },
      ),
      { numRuns: RUNS_OF_EVENTS },
    )
    const good = room.next({})
    expect((await world.peer.send({ pdus: [good.pdu] }))[good.eventId]).toEqual({})
    expect(world.takeFailures()).toEqual([])
  },
)
