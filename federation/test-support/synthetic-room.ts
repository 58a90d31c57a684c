import { authEventTuples } from '../../protocol/auth-rules/select-auth-events.ts'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { Signer } from '../../protocol/events/sign.ts'
import { stateTuple, type StateTuple } from '../../protocol/state/state-map.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { RoomVersionId, RoomVersionRules } from '../../protocol/room-versions/rules.ts'

/** An event to be made. */
export interface SyntheticDraft {
  readonly type: string
  readonly sender: string
  readonly stateKey?: string
  readonly content: JsonObject
  /** In the place of those that the state gives. */
  readonly authEvents?: readonly RoomEvent[]
  readonly prevEvents?: readonly string[]
}

/** A room that only its events make up: no database, no server. */
export class SyntheticRoom {
  readonly version: RoomVersionRules
  readonly roomId: string
  readonly creator: string
  readonly state = new Map<StateTuple, RoomEvent>()
  readonly events = new Map<string, RoomEvent>()
  readonly #signer: Signer
  #last: RoomEvent | undefined

  /** A public room with its creator and `members` further members, `@user<n>` of the signer's server. */
  constructor(versionId: RoomVersionId, signer: Signer, members: number) {
    this.version = roomVersion(versionId)!
    this.#signer = signer
    this.creator = `@creator:${signer.serverName}`
    const { roomIdIsCreateHash } = this.version
    const own = `!room-${versionId}-${members}:${signer.serverName}`
    const create = this.#build({
      type: 'm.room.create',
      sender: this.creator,
      stateKey: '',
      content: {
        room_version: versionId,
        ...(this.version.creators === 'content' ? { creator: this.creator } : {}),
      },
      roomId: roomIdIsCreateHash ? undefined : own,
      prevEvents: [],
      authEvents: [],
    })
    this.roomId = create.roomId
    this.add(create)
    this.join(this.creator)
    const users = roomIdIsCreateHash ? {} : { [this.creator]: 100 }
    this.set('m.room.power_levels', '', { users, state_default: 50 })
    this.set('m.room.join_rules', '', { join_rule: 'public' })
    this.set('m.room.name', '', { name: 'A synthetic room' })
    for (let index = 0; index < members; index++) this.join(`@user${index}:${signer.serverName}`)
  }

  get last(): RoomEvent {
    return this.#last!
  }

  join(userId: string): RoomEvent {
    const content = { membership: 'join', displayname: `User ${userId}` }
    return this.add(this.make({ type: 'm.room.member', sender: userId, stateKey: userId, content }))
  }

  set(type: string, stateKey: string, content: JsonObject): RoomEvent {
    return this.add(this.make({ type, sender: this.creator, stateKey, content }))
  }

  /** Makes an event at the room's end, or where the draft says. */
  make({ authEvents, prevEvents, ...draft }: SyntheticDraft): RoomEvent {
    const causes =
      authEvents ??
      authEventTuples(this.version, { ...draft, stateKey: draft.stateKey }).flatMap(
        ({ type, stateKey }) => this.state.get(stateTuple(type, stateKey)) ?? [],
      )
    return this.#build({
      ...draft,
      roomId: this.roomId,
      prevEvents: prevEvents ?? [this.last.eventId],
      authEvents: causes.map(({ eventId }) => eventId),
    })
  }

  /** Takes an event in, and where it is state makes it the room's. */
  add(event: RoomEvent, intoState = true): RoomEvent {
    this.events.set(event.eventId, event)
    this.#last = event
    if (event.stateKey !== undefined && intoState)
      this.state.set(stateTuple(event.type, event.stateKey), event)
    return event
  }

  /** Everything that some events lean on. */
  authChain(starts: Iterable<RoomEvent>): RoomEvent[] {
    const chain = new Map<string, RoomEvent>()
    const waiting = [...starts].flatMap(({ authEvents }) => authEvents)
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const event = this.events.get(id)
      if (!event || chain.has(id)) continue
      chain.set(id, event)
      waiting.push(...event.authEvents)
    }
    return [...chain.values()]
  }

  #build(
    fields: Omit<SyntheticDraft, 'authEvents' | 'prevEvents'> & {
      readonly roomId: string | undefined
      readonly prevEvents: readonly string[]
      readonly authEvents: readonly string[]
    },
  ): RoomEvent {
    const depth = (this.#last?.depth ?? 0) + 1
    return buildPdu(
      { ...fields, originServerTs: 1_700_000_000_000 + depth, depth },
      this.version,
      this.#signer,
    )
  }
}
