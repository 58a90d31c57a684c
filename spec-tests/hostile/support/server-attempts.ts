import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { PeerRoom } from '../../../federation/test-support/peer-room.ts'
import type { AttemptOutcome, AttemptScene, ColumnAttempt } from './column-attempt.ts'
import { forge } from './forge.ts'
import { signedRequest } from './signed-request.ts'

const id = encodeURIComponent
let count = 0

/** Sends a forged event; what was taken is read back through a client. */
async function sendEvent(
  { world, alice }: AttemptScene,
  room: PeerRoom,
  change: JsonObject,
  readBack?: (event: Readonly<Record<string, unknown>>) => unknown,
): Promise<AttemptOutcome> {
  let forged
  try {
    forged = forge(world.peer, { ...room.build({}).pdu, ...change }, room.version)
  } catch {
    // What cannot be signed cannot be sent by anybody.
    return { stored: false, status: 400 }
  }
  const results = await world.peer.send({ pdus: [forged.pdu] })
  const result = results[forged.eventId]
  if (result === undefined || JSON.stringify(result) !== '{}') return { stored: false, status: 400 }
  const path = `/rooms/${id(room.roomId)}/event/${id(forged.eventId)}`
  return { stored: true, readBack: readBack?.(await alice.call('GET', path)) }
}

/** Sends an ephemeral message, which nobody is answered about. */
async function sendEdu(
  { world }: AttemptScene,
  edu_type: string,
  content: JsonObject,
): Promise<AttemptOutcome> {
  await world.peer.send({ edus: [{ edu_type, content }] })
  return { stored: false, status: 400 }
}

function invited(scene: AttemptScene, text: string) {
  const { world, alice, oldRoom } = scene
  const roomId = `!invited${++count}:there.test`
  const sender = oldRoom.userId
  const event = buildPdu(
    {
      ...{ type: 'm.room.member', sender, stateKey: alice.userId, roomId, originServerTs: 1, depth: 5 },
      ...{ content: { membership: 'invite', reason: text }, prevEvents: [], authEvents: [] },
    },
    oldRoom.version,
    world.peer.server.ownKeys.signer,
  )
  const name = { type: 'm.room.name', state_key: '', sender, content: { name: text } }
  return { roomId, event, state: [name] }
}

/** What other servers write. */
export const SERVER_ATTEMPTS: readonly ColumnAttempt[] = [
  {
    name: 'the content of an event',
    columns: ['event.pdu'],
    run: (scene, text) =>
      sendEvent(
        scene,
        scene.oldRoom,
        { content: { body: text } },
        ({ content }) => (content as JsonObject)['body'],
      ),
  },
  {
    name: 'the type of an event',
    columns: ['event_type.type'],
    run: (scene, text) => sendEvent(scene, scene.newRoom, { type: text }, ({ type }) => type),
  },
  {
    name: 'a state key',
    columns: ['state_key.state_key'],
    run: (scene, text) =>
      sendEvent(scene, scene.newRoom, { type: 'x.y', state_key: text }, ({ state_key }) => state_key),
  },
  {
    name: 'who is banned',
    columns: ['state_key.state_key', 'matrix_user.user_id', 'server.server_name'],
    run: (scene, text) =>
      sendEvent(scene, scene.newRoom, {
        type: 'm.room.member',
        state_key: text,
        content: { membership: 'ban' },
      }),
  },
  {
    name: 'a user who is banned',
    columns: ['state_key.state_key', 'matrix_user.user_id'],
    run: (scene, text) => {
      const state_key = `@${text}:there.test`
      return sendEvent(scene, scene.newRoom, {
        type: 'm.room.member',
        state_key,
        content: { membership: 'ban' },
      })
    },
  },
  {
    name: 'a sender',
    columns: ['matrix_user.user_id'],
    run: (scene, text) => sendEvent(scene, scene.oldRoom, { sender: `@${text}:there.test` }),
  },
  {
    name: 'an event id',
    columns: ['event.event_id', 'event_to_relay.event_id', 'client_transaction.event_id'],
    run: (scene, text) => sendEvent(scene, scene.oldRoom, { event_id: `$${text}:there.test` }),
  },
  {
    name: 'events named by an old one',
    columns: ['event.prev_event_ids', 'event.auth_event_ids', 'backward_extremity.missing_event_id'],
    run: (scene, text) => {
      const named = [[`$${text}:there.test`, { sha256: text }]]
      return sendEvent(scene, scene.oldRoom, { prev_events: named, auth_events: named })
    },
  },
  {
    name: 'events named by a new one',
    columns: ['event.prev_event_ids', 'event.auth_event_ids', 'inbound_pdu.event_id', 'inbound_pdu.pdu'],
    run: (scene, text) =>
      sendEvent(scene, scene.newRoom, { prev_events: [`$${text}`], content: { body: text } }),
  },
  {
    name: 'a redaction',
    columns: ['pending_redaction.target_event_id'],
    run: (scene, text) =>
      sendEvent(scene, scene.oldRoom, { type: 'm.room.redaction', redacts: `$${text}:there.test` }),
  },
  {
    name: 'a redaction of a new room',
    columns: ['pending_redaction.target_event_id'],
    run: (scene, text) =>
      sendEvent(scene, scene.newRoom, { type: 'm.room.redaction', content: { redacts: `$${text}` } }),
  },
  {
    name: 'a relation of another server',
    columns: ['event_relation.parent_event_id', 'event_relation.rel_type', 'personal_outcome.thread'],
    run: (scene, text) => {
      const relation = { rel_type: 'm.thread', event_id: `$${text}` }
      const content = {
        body: 'b',
        'm.relates_to': relation,
        'm.mentions': { user_ids: [scene.alice.userId] },
      }
      return sendEvent(scene, scene.newRoom, { content })
    },
  },
  {
    name: 'a room id',
    columns: ['room.room_id'],
    run: (scene, text) => sendEvent(scene, scene.oldRoom, { room_id: `!${text}:there.test` }),
  },
  {
    name: 'an invite',
    columns: ['membership.event_pdu', 'membership.stripped_state'],
    run: async (scene, text) => {
      if (!text.isWellFormed()) return { stored: false, status: 400 }
      const { roomId, event, state } = invited(scene, text)
      const target = `/_matrix/federation/v2/invite/${id(roomId)}/${id(event.eventId)}`
      const body = { room_version: '1', event: event.pdu, invite_room_state: state }
      const { status } = await scene.world.peer.request('PUT', target, body)
      if (status >= 300) return { stored: false, status }
      const rooms = (await scene.alice.sync())['rooms'] as Record<string, Record<string, JsonObject>>
      const shown = JSON.stringify(rooms['invite']?.[roomId])
      const [reason, name] = [JSON.stringify({ reason: text }), JSON.stringify({ name: text })]
      return {
        stored: true,
        readBack: [shown.includes(reason.slice(1, -1)), shown.includes(name)],
        expected: [true, true],
      }
    },
  },
  {
    name: 'the version of a room that one is invited to',
    columns: ['room.room_version'],
    run: async (scene, text) => {
      if (!text.isWellFormed()) return { stored: false, status: 400 }
      const { roomId, event, state } = invited(scene, 'x')
      const target = `/_matrix/federation/v2/invite/${id(roomId)}/${id(event.eventId)}`
      const body = { room_version: text, event: event.pdu, invite_room_state: state }
      return { stored: false, status: (await scene.world.peer.request('PUT', target, body)).status }
    },
  },
  {
    name: 'a receipt of another server',
    columns: ['receipt.event_id', 'receipt.thread', 'matrix_user.user_id'],
    run: async (scene, text) => {
      if (!text.isWellFormed()) return { stored: false, status: 400 }
      const { roomId, userId, newest } = scene.newRoom
      const told = (event_ids: string[], thread_id: string) => ({ event_ids, data: { ts: 1, thread_id } })
      const users = {
        [userId]: told([`$${text}`], 'main'),
        [`@${text}:there.test`]: told([newest.eventId], `$${text}`),
      }
      await sendEdu(scene, 'm.receipt', { [`!${text}:there.test`]: { 'm.read': users } })
      return sendEdu(scene, 'm.receipt', { [roomId]: { 'm.read': users, [text]: users } })
    },
  },
  {
    name: 'a transaction id',
    columns: ['inbound_transaction.server_name'],
    run: async ({ world }, text) => {
      const path = `/_matrix/federation/v1/send/${id(text.toWellFormed())}`
      const { status } = await signedRequest(world.peer, world.federation, 'PUT', path, '{"pdus":[]}')
      return status < 300 ? { stored: true, readBack: text } : { stored: false, status }
    },
  },
]
