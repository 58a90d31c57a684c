import { authEventTuples } from '../../../protocol/auth-rules/select-auth-events.ts'
import { createSeed, createSigningKey } from '../../../protocol/crypto/ed25519.ts'
import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import type { Signer } from '../../../protocol/events/sign.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import type { RoomVersionId, RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import { stateTuple, type StateTuple } from '../../../protocol/state/state-map.ts'
import type { RoomWriter } from '../room-writer.ts'

export const CREATOR = '@creator:far.test'
/** A user of ours, by whose join a room comes here. */
export const HERE = '@here:here.test'

export type EventState = ReadonlyMap<StateTuple, SignedPdu>

/** What a test says of an event; the rest follows from the state that it is sent on. */
export interface RemoteEvent {
  readonly type: string
  readonly stateKey?: string
  readonly sender: string
  readonly content?: JsonObject
}

/** A room of another server, whose events the test makes as it likes. */
export class RemoteRoom {
  readonly roomId: string
  readonly versionId: RoomVersionId
  readonly version: RoomVersionRules
  readonly events = new Map<string, SignedPdu>()
  /** The state of the room as it comes here. */
  readonly state = new Map<StateTuple, SignedPdu>()
  readonly #signer: Signer
  #clock = 1_000

  /** A public room with so many members beside its creator. */
  constructor(versionId: RoomVersionId, members: number) {
    this.versionId = versionId
    this.version = roomVersion(versionId)!
    const key = createSigningKey(createSeed(), 'far')
    this.#signer = { serverName: 'far.test', keyId: key.keyId, privateKey: key.privateKey }
    const isV12 = this.version.roomIdIsCreateHash
    const named = isV12 ? undefined : `!room${Math.random().toString(36).slice(2)}:far.test`
    const create = this.#build({
      ...{ type: 'm.room.create', stateKey: '', sender: CREATOR, roomId: named },
      content: { room_version: versionId, ...(this.version.creators === 'content' && { creator: CREATOR }) },
      ...{ depth: 1, prevEvents: [], authEvents: [] },
    })
    this.roomId = create.roomId
    this.#put(create)
    this.grow({ type: 'm.room.member', stateKey: CREATOR, sender: CREATOR, content: { membership: 'join' } })
    const users: JsonObject = isV12 ? {} : { [CREATOR]: 100 }
    const levels = { users, state_default: 0, invite: 0 }
    this.grow({ type: 'm.room.power_levels', stateKey: '', sender: CREATOR, content: levels })
    this.grow({ type: 'm.room.join_rules', stateKey: '', sender: CREATOR, content: { join_rule: 'public' } })
    for (let index = 0; index < members; index++) this.grow(joinOf(memberAt(index)))
    this.grow(joinOf(HERE))
  }

  /** The event by which the room came here. */
  get arrival(): SignedPdu {
    return this.state.get(stateTuple('m.room.member', HERE))!
  }

  /** Sends a state event at the end. */
  grow(spec: RemoteEvent): SignedPdu {
    const event = this.make(spec, [[...this.events.keys()].at(-1)!], this.state)
    this.#put(event)
    return event
  }

  /** Makes an event on a state, after some events. */
  make(spec: RemoteEvent, prevEvents: readonly string[], state: EventState): SignedPdu {
    const subject = { ...spec, content: spec.content ?? {} }
    const authEvents = authEventTuples(this.version, { ...subject, stateKey: spec.stateKey })
      .flatMap(({ type, stateKey }) => state.get(stateTuple(type, stateKey)) ?? [])
      .map(({ eventId }) => eventId)
    const depth = Math.max(0, ...prevEvents.map((id) => this.events.get(id)?.depth ?? 0)) + 1
    const event = this.#build({ ...subject, roomId: this.roomId, depth, prevEvents, authEvents })
    this.events.set(event.eventId, event)
    return event
  }

  /** Brings the room here. */
  async adopt(writer: RoomWriter): Promise<void> {
    const before = [...this.state.values()].filter((event) => event !== this.arrival)
    await writer.submit(this.roomId, {
      ...{ kind: 'adopt', version: this.versionId, joinEvent: this.arrival },
      ...{ state: before, authChain: [] },
    })
  }

  #put(event: SignedPdu): void {
    this.events.set(event.eventId, event)
    this.state.set(stateTuple(event.type, event.stateKey ?? ''), event)
  }

  #build(fields: Omit<Parameters<typeof buildPdu>[0], 'originServerTs'>): SignedPdu {
    return buildPdu({ ...fields, originServerTs: this.#clock++ }, this.version, this.#signer)
  }
}

export function memberAt(index: number): string {
  return `@member${index}:far.test`
}

export function joinOf(userId: string, displayname?: string): RemoteEvent {
  const content = { membership: 'join', ...(displayname !== undefined && { displayname }) }
  return { type: 'm.room.member', stateKey: userId, sender: userId, content }
}

/** A state with an event in it. */
export function withEvent(state: EventState, event: SignedPdu): Map<StateTuple, SignedPdu> {
  return new Map(state).set(stateTuple(event.type, event.stateKey ?? ''), event)
}
