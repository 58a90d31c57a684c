import type { TestClient } from '../../support/test-client.ts'
import { attempt, inPath, V3, type ColumnAttempt } from './column-attempt.ts'

const id = encodeURIComponent
let count = 0

async function eventOf(client: TestClient, roomId: string, eventId: unknown) {
  return client.call('GET', `/rooms/${id(roomId)}/event/${id(String(eventId))}`)
}

async function placesOf(client: TestClient, roomId: unknown): Promise<unknown[]> {
  return (await client.state(String(roomId))).flatMap((event) => [event['type'], event['state_key']])
}

/** Sends a message with this content, and reads the content back. */
function message(content: (text: string) => object): ColumnAttempt['run'] {
  return async ({ alice, oldRoom: { roomId } }, text) => {
    const path = `${V3}/rooms/${id(roomId)}/send/m.room.message/h${++count}`
    const sent = content(text)
    return attempt(
      alice,
      'PUT',
      path,
      sent,
      async ({ event_id }) => {
        return (await eventOf(alice, roomId, event_id))['content']
      },
      sent,
    )
  }
}

/** What clients write about events and rooms. */
export const ROOM_ATTEMPTS: readonly ColumnAttempt[] = [
  {
    name: 'content',
    columns: ['event.pdu'],
    run: message((text) => ({ msgtype: 'm.text', body: text, [text]: [text] })),
  },
  {
    name: 'a relation',
    columns: ['event_relation.parent_event_id', 'event_relation.rel_type'],
    run: message((text) => ({ body: 'b', 'm.relates_to': { rel_type: text, event_id: `$${text}` } })),
  },
  {
    name: 'a mention in a thread',
    columns: [
      'personal_outcome.thread',
      'room_highlight.thread',
      'thread_message.thread',
      'read_position.thread',
      'thread_sender.root_event_id',
    ],
    run: message((text) => ({
      body: 'b',
      'm.mentions': { user_ids: [`@${text}:here.test`], room: true },
      'm.relates_to': { rel_type: 'm.thread', event_id: `$${text}` },
    })),
  },
  {
    name: 'a transaction id',
    columns: ['client_transaction.transaction_id'],
    run: async ({ alice, oldRoom: { roomId } }, text) => {
      const path = `${V3}/rooms/${id(roomId)}/send/m.room.message/${inPath(`h${++count}${text}`)}`
      return attempt(alice, 'PUT', path, { msgtype: 'm.text', body: 'b' })
    },
  },
  {
    name: 'a redaction, in the content',
    columns: ['pending_redaction.target_event_id'],
    run: async ({ alice, newRoom: { roomId } }, text) => {
      const path = `${V3}/rooms/${id(roomId)}/send/m.room.redaction/h${++count}`
      return attempt(alice, 'PUT', path, { redacts: `$${text}` })
    },
  },
  {
    name: 'a redaction, in the path',
    columns: ['pending_redaction.target_event_id'],
    run: ({ alice, oldRoom: { roomId } }, text) =>
      attempt(alice, 'PUT', `${V3}/rooms/${id(roomId)}/redact/${inPath(`$${text}`)}/h${++count}`, {}),
  },
  {
    name: 'type and state key of a new room',
    columns: ['event_type.type', 'state_key.state_key'],
    run: async ({ alice }, text) => {
      const initial_state = [{ type: `x${text}`, state_key: `y${text}`, content: {} }]
      return attempt(
        alice,
        'POST',
        `${V3}/createRoom`,
        { initial_state },
        async ({ room_id }) =>
          (await placesOf(alice, room_id)).filter((place) => String(place).includes(text)),
        [`x${text}`, `y${text}`],
      )
    },
  },
  {
    name: 'what the public directory says of a new room',
    columns: ['published_room.room_type', 'published_room.search_text', 'published_room.summary'],
    run: async ({ alice }, text) => {
      const wish = { visibility: 'public', name: `n${text}`, creation_content: { type: `t${text}` } }
      const filter = { generic_search_term: `n${text}`, room_types: [`t${text}`] }
      const listed = async ({ room_id }: Readonly<Record<string, unknown>>) => {
        const { chunk } = await alice.call('POST', '/publicRooms', { filter })
        const found = (chunk as Record<string, unknown>[]).find((room) => room['room_id'] === room_id)
        return [found?.['name'], found?.['room_type']]
      }
      return attempt(alice, 'POST', `${V3}/createRoom`, wish, listed, [`n${text}`, `t${text}`])
    },
  },
  {
    name: 'type and state key of the path',
    columns: ['event_type.type', 'state_key.state_key'],
    run: async ({ alice, oldRoom: { roomId } }, text) => {
      const path = `${V3}/rooms/${id(roomId)}/state/x${inPath(text)}/y${inPath(text)}`
      const places = async () =>
        (await placesOf(alice, roomId)).filter((place) => place === `x${text}` || place === `y${text}`)
      return attempt(alice, 'PUT', path, {}, places, [`x${text}`, `y${text}`])
    },
  },
  {
    name: 'a user id',
    columns: ['matrix_user.user_id', 'server.server_name'],
    run: ({ alice, oldRoom: { roomId } }, text) =>
      attempt(alice, 'POST', `${V3}/rooms/${id(roomId)}/invite`, { user_id: `@a:${text}` }),
  },
  {
    name: 'a localpart',
    columns: ['matrix_user.user_id'],
    run: ({ alice, oldRoom: { roomId } }, text) =>
      attempt(alice, 'POST', `${V3}/rooms/${id(roomId)}/ban`, { user_id: `@${text}:here.test` }),
  },
  {
    name: 'a membership',
    columns: ['membership.membership'],
    run: ({ alice, oldRoom: { roomId } }, text) =>
      attempt(alice, 'PUT', `${V3}/rooms/${id(roomId)}/state/m.room.member/${id(alice.userId)}`, {
        membership: text,
      }),
  },
  {
    name: 'a room version',
    columns: ['room.room_version'],
    run: ({ alice }, text) => attempt(alice, 'POST', `${V3}/createRoom`, { room_version: text }),
  },
  {
    name: 'a room id',
    columns: ['room.room_id', 'federation_destination.server_name'],
    run: ({ alice }, text) => attempt(alice, 'POST', `${V3}/join/${inPath(`!${text}:there.test`)}`, {}),
  },
  {
    name: 'a server to join through',
    columns: ['federation_destination.server_name'],
    run: ({ alice }, text) =>
      attempt(alice, 'POST', `${V3}/join/${id('!none:there.test')}?via=${inPath(text)}`, {}),
  },
  {
    name: 'an alias of a new room',
    columns: ['room_alias.alias'],
    run: ({ alice }, text) => attempt(alice, 'POST', `${V3}/createRoom`, { room_alias_name: text }),
  },
  {
    name: 'an alias of the path',
    columns: ['room_alias.alias'],
    run: ({ alice, oldRoom }, text) => {
      const alias = inPath(`#${text}:here.test`)
      return attempt(alice, 'PUT', `${V3}/directory/room/${alias}`, { room_id: oldRoom.roomId })
    },
  },
  {
    name: 'a receipt',
    columns: ['receipt.event_id', 'receipt.thread', 'read_position.thread'],
    run: ({ alice, oldRoom: { roomId, newest } }, text) =>
      attempt(alice, 'POST', `${V3}/rooms/${id(roomId)}/receipt/m.read/${id(newest.eventId)}`, {
        thread_id: `$${text}`,
      }),
  },
  {
    name: 'a type of receipt',
    columns: ['receipt.receipt_type'],
    run: ({ alice, oldRoom: { roomId, newest } }, text) =>
      attempt(alice, 'POST', `${V3}/rooms/${id(roomId)}/receipt/${inPath(text)}/${id(newest.eventId)}`, {}),
  },
  {
    name: 'the reason of a report',
    columns: ['report.reason'],
    run: ({ alice, oldRoom: { roomId } }, text) =>
      attempt(alice, 'POST', `${V3}/rooms/${id(roomId)}/report`, { reason: text }),
  },
  {
    name: 'read markers',
    columns: ['receipt.event_id', 'account_data.content'],
    run: ({ alice, oldRoom: { roomId } }, text) =>
      attempt(alice, 'POST', `${V3}/rooms/${id(roomId)}/read_markers`, {
        'm.read': `$${text}`,
        'm.fully_read': `$${text}`,
      }),
  },
]
