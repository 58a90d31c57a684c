import { createPublicKey } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { encodeBase64 } from '../../protocol/crypto/base64.ts'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { parsePdu } from '../../protocol/events/parse-pdu.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { signJson, type Signer } from '../../protocol/events/sign.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import type { SyntheticRoom } from './synthetic-room.ts'

const PUBLIC_KEY_BYTES = 32
const KEY_LIFE_MS = 86_400_000

/** A server that has rooms and verifies nothing, for tests and benches of those who join through it. */
export interface SyntheticResident {
  readonly signer: Signer
  readonly port: number
  readonly rooms: Map<string, SyntheticRoom>
  /** Paths of the requests that came, without their queries, in order. */
  readonly asked: string[]
  /** PDUs that were sent to it. */
  readonly received: JsonObject[]
  /** Whether members are left out for those who ask for that. */
  omitsMembers: boolean
  /** After how many events of a state the next answer breaks off; undefined for never. */
  breaksOffAfter: number | undefined
  /** Waited for before the state of a room is told by its ids. */
  beforeStateIds: () => Promise<void>
  close(): Promise<void>
}

/** A signer for a server. */
export function syntheticSigner(serverName: string): Signer {
  const { keyId, privateKey } = createSigningKey(createSeed(), 'synthetic')
  return { serverName, keyId, privateKey }
}

/** Starts one on the loopback interface. */
export async function syntheticResident(
  signer: Signer,
  tls: { readonly certificate: string; readonly privateKey: string },
): Promise<SyntheticResident> {
  const server = createServer({ cert: tls.certificate, key: tls.privateKey })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const resident: SyntheticResident = {
    signer,
    port: typeof address === 'object' && address ? address.port : 0,
    rooms: new Map(),
    asked: [],
    received: [],
    omitsMembers: true,
    breaksOffAfter: undefined,
    beforeStateIds: async () => undefined,
    close: () => closed(server),
  }
  server.on('request', (request, response) => {
    answer(resident, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    })
  })
  return resident
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

async function answer(
  resident: SyntheticResident,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://resident.invalid')
  const path = url.pathname.split('/').slice(1).map(decodeURIComponent)
  resident.asked.push(path.slice(3, 4).join('/'))
  const body = await bodyOf(request)
  const [, , , operation, first = '', second = ''] = path
  const room = resident.rooms.get(first)
  const tell = (value: JsonValue): void => void response.end(JSON.stringify(value))
  if (path[1] === 'key') return tell(keys(resident.signer))
  switch (operation) {
    case 'make_join':
      if (room) return tell(makeJoin(room, second))
      break
    case 'send_join':
      if (room && isJsonObject(body)) return sendJoin(resident, room, body, url, response)
      break
    case 'state_ids':
      if (!room) break
      await resident.beforeStateIds()
      return tell({
        pdu_ids: [...stateOf(room)].map(({ eventId }) => eventId),
        auth_chain_ids: room.authChain(stateOf(room)).map(({ eventId }) => eventId),
      })
    case 'state':
      if (!room) break
      if (resident.breaksOffAfter !== undefined) return breakOff(resident, response, stateOf(room))
      return tellEvents(response, { pdus: stateOf(room), auth_chain: room.authChain(stateOf(room)) })
    case 'event': {
      const event = [...resident.rooms.values()].map((each) => each.events.get(first)).find(Boolean)
      if (event) return tell({ origin: resident.signer.serverName, origin_server_ts: 0, pdus: [event.pdu] })
      break
    }
    case 'get_missing_events':
      return tell({ events: [] })
    case 'send':
      for (const pdu of isJsonObject(body) && Array.isArray(body['pdus']) ? body['pdus'] : [])
        if (isJsonObject(pdu)) resident.received.push(pdu)
      return tell({ pdus: {} })
  }
  response.writeHead(404)
  tell({ errcode: 'M_NOT_FOUND', error: 'not found' })
}

async function bodyOf(request: IncomingMessage): Promise<JsonValue> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return chunks.length === 0 ? null : parseJson(Buffer.concat(chunks))
}

function keys({ serverName, keyId, privateKey }: Signer): JsonObject {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const key = encodeBase64(der.subarray(der.length - PUBLIC_KEY_BYTES))
  const object = {
    server_name: serverName,
    valid_until_ts: Date.now() + KEY_LIFE_MS,
    verify_keys: { [keyId]: { key } },
    old_verify_keys: {},
  }
  return signJson(object, { serverName, keyId, privateKey })
}

function breakOff(resident: SyntheticResident, response: ServerResponse, state: readonly RoomEvent[]): void {
  const texts = state.slice(0, resident.breaksOffAfter).map(eventText)
  resident.breaksOffAfter = undefined
  response.write(`{"pdus":[${texts.join()}`, () => response.destroy())
}

/** The state that the next join finds. It is kept at the join: `Map` iterates what is added meanwhile. */
function stateOf(room: SyntheticRoom): readonly RoomEvent[] {
  return joinedAt.get(room) ?? [...room.state.values()]
}

const joinedAt = new WeakMap<SyntheticRoom, readonly RoomEvent[]>()

function makeJoin(room: SyntheticRoom, userId: string): JsonObject {
  const { pdu } = room.make({
    type: 'm.room.member',
    sender: room.creator,
    stateKey: room.creator,
    content: { membership: 'join' },
  })
  const places = ['m.room.create', 'm.room.power_levels', 'm.room.join_rules'].slice(
    room.version.roomIdIsCreateHash ? 1 : 0,
  )
  return {
    room_version: room.version.id,
    event: {
      ...pdu,
      sender: userId,
      state_key: userId,
      content: { membership: 'join' },
      auth_events: places.map((type) => room.state.get(stateTuple(type, ''))!.eventId),
    },
  }
}

function sendJoin(
  resident: SyntheticResident,
  room: SyntheticRoom,
  body: JsonObject,
  url: URL,
  response: ServerResponse,
): void {
  const before = [...room.state.values()]
  joinedAt.set(room, before)
  const join = parsePdu(body, room.version)
  const omit = resident.omitsMembers && url.searchParams.get('omit_members') === 'true'
  const state = omit ? before.filter(({ type }) => type !== 'm.room.member') : before
  const rest = { event: body, members_omitted: omit, servers_in_room: [resident.signer.serverName] }
  const authChain = room.authChain([...state, join])
  room.add(join)
  tellEvents(response, { state, auth_chain: authChain }, rest)
}

/** An event as it is told. Kept, so that a bench does not measure how long making it takes. */
export function eventText(event: RoomEvent): string {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = JSON.stringify(event.pdu)
  texts.set(event, text)
  return text
}

const texts = new WeakMap<RoomEvent, string>()

function tellEvents(
  response: ServerResponse,
  lists: Readonly<Record<string, readonly RoomEvent[]>>,
  rest: JsonObject = {},
): void {
  const told = Object.entries(lists).map(
    ([key, events]) => `${JSON.stringify(key)}:[${events.map(eventText).join()}]`,
  )
  const others = Object.entries(rest).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  response.end(`{${[...others, ...told].join()}}`)
}
