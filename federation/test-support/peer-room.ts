import { authEventTuples } from '../../protocol/auth-rules/select-auth-events.ts'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import { parsePdu } from '../../protocol/events/parse-pdu.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { Signer } from '../../protocol/events/sign.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import { ROOM_VERSIONS, roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import type { ScriptedPeer } from './scripted-peer.ts'

/** What a test changes of an event; the rest follows from the room. */
export interface PeerDraft {
  readonly type?: string
  readonly stateKey?: string
  readonly sender?: string
  readonly content?: JsonObject
  readonly prevEvents?: readonly string[]
  readonly authEvents?: readonly string[]
  readonly depth?: number
  readonly originServerTs?: number
}

/** A room as a scripted peer knows it, with which it builds events that are right unless a test says otherwise. */
export class PeerRoom {
  readonly roomId: string
  readonly version: RoomVersionRules
  readonly userId: string
  readonly state = new Map<string, RoomEvent>()
  newest: RoomEvent
  readonly #signer: Signer

  constructor(signer: Signer, userId: string, version: RoomVersionRules, newest: RoomEvent) {
    this.#signer = signer
    this.userId = userId
    this.version = version
    this.roomId = newest.roomId
    this.newest = newest
  }

  /** Builds and signs an event after the newest one, without remembering it. */
  build(draft: PeerDraft): RoomEvent {
    const { type = 'm.room.message', stateKey, sender = this.userId, content = { body: 'hello' } } = draft
    const subject = { type, sender, stateKey, content }
    const authEvents = authEventTuples(this.version, subject)
      .map((place) => this.state.get(stateTuple(place.type, place.stateKey))?.eventId)
      .filter((id) => id !== undefined)
    return buildPdu(
      {
        ...subject,
        roomId: this.roomId,
        originServerTs: draft.originServerTs ?? Date.now(),
        depth: draft.depth ?? this.newest.depth + 1,
        prevEvents: draft.prevEvents ?? [this.newest.eventId],
        authEvents: draft.authEvents ?? authEvents,
      },
      this.version,
      this.#signer,
    )
  }

  /** As `build`, and the next event follows this one. */
  next(draft: PeerDraft): RoomEvent {
    const event = this.build(draft)
    this.learn(event)
    return event
  }

  /** Takes in an event as the newest one. */
  learn(event: RoomEvent): void {
    this.newest = event
    if (event.stateKey !== undefined) this.state.set(stateTuple(event.type, event.stateKey), event)
  }
}

/** Somebody who asks and signs. */
export interface JoiningPeer extends Pick<ScriptedPeer, 'serverName' | 'request'> {
  readonly server: { readonly ownKeys: { readonly signer: Signer } }
}

/** Joins a room with a user of the peer, by the whole handshake. */
export async function joinAsPeer(peer: JoiningPeer, roomId: string, localpart: string): Promise<PeerRoom> {
  const userId = `@${localpart}:${peer.serverName}`
  const made = await peer.request('GET', makeTarget('make_join', roomId, userId))
  if (made.status !== 200) throw new Error(`make_join was answered with ${made.status} ${made.errcode}`)
  const { event, version } = fromTemplate(peer, made.body)
  const target = `/_matrix/federation/v2/send_join/${encodeURIComponent(roomId)}/${encodeURIComponent(event.eventId)}`
  const sent = await peer.request('PUT', target, event.pdu)
  if (sent.status !== 200) throw new Error(`send_join was answered with ${sent.status} ${sent.errcode}`)
  const room = new PeerRoom(peer.server.ownKeys.signer, userId, version, event)
  for (const pdu of listOf(sent.body, 'state')) room.learn(parsePdu(pdu, version))
  room.learn(event)
  return room
}

/** The target of `make_join` and its like, for all room versions. */
export function makeTarget(endpoint: string, roomId: string, userId: string): string {
  const versions = [...ROOM_VERSIONS.keys()].map((id) => `ver=${id}`).join('&')
  return `/_matrix/federation/v1/${endpoint}/${encodeURIComponent(roomId)}/${encodeURIComponent(userId)}?${versions}`
}

/** The event that a peer makes of a template. */
export function fromTemplate(peer: JoiningPeer, answer: JsonValue) {
  if (!isJsonObject(answer)) throw new TypeError('the template is no object')
  const version = roomVersion(String(ownValue(answer, 'room_version')))!
  const template = ownValue(answer, 'event') as JsonObject
  const ids = (key: string) =>
    (template[key] as JsonValue[]).map((item) => String(Array.isArray(item) ? item[0] : item))
  const event = buildPdu(
    {
      roomId: String(template['room_id']),
      type: String(template['type']),
      sender: String(template['sender']),
      stateKey: String(template['state_key']),
      content: template['content'] as JsonObject,
      originServerTs: Date.now(),
      depth: Number(template['depth']),
      prevEvents: ids('prev_events'),
      authEvents: ids('auth_events'),
    },
    version,
    peer.server.ownKeys.signer,
  )
  return { event, version }
}

/** A list of objects of an answer. */
export function listOf(answer: JsonValue, key: string): JsonObject[] {
  const list = isJsonObject(answer) ? ownValue(answer, key) : undefined
  if (!Array.isArray(list)) throw new TypeError(`the answer has no list ${key}`)
  return list.filter((item) => isJsonObject(item))
}
