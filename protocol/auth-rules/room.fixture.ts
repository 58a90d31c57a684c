import type { RoomEvent } from '../events/room-event.ts'
import type { JsonObject } from '../json/value.ts'
import { roomVersion, ROOM_VERSIONS } from '../room-versions/room-versions.ts'
import type { RoomVersionId, RoomVersionRules } from '../room-versions/rules.ts'
import { authStateOf } from './auth-state.ts'
import type { AuthState } from './auth-state.ts'
import { checkAuth } from './check-auth.ts'
import type { AuthResult } from './auth-result.ts'

export const CREATOR = '@creator:a.example'
export const ADMIN = '@admin:a.example'
export const MOD = '@mod:b.example'
export const USER = '@user:b.example'
export const OTHER = '@other:c.example'

export const VERSIONS: readonly RoomVersionId[] = [...ROOM_VERSIONS.values()]
  .filter(({ stability }) => stability === 'stable')
  .map(({ id }) => id)

/** The versions from `first` to `last`, both included. */
export function versions(first: number, last = 12): RoomVersionId[] {
  return VERSIONS.filter((id) => Number(id) >= first && Number(id) <= last)
}

export function rulesOf(id: RoomVersionId): RoomVersionRules {
  const version = roomVersion(id)
  if (!version) throw new Error(`no room version ${id}`)
  return version
}

export type EventFields = Partial<Omit<RoomEvent, 'version'>>

let counter = 0

/** An event with everything that a test does not name filled in. */
export function makeEvent(id: RoomVersionId, fields: EventFields): RoomEvent {
  counter += 1
  return {
    eventId: `$event${counter}:a.example`,
    roomId: id === '12' ? '!create' : '!room:a.example',
    type: 'm.room.message',
    sender: USER,
    stateKey: undefined,
    content: {},
    originServerTs: 1_000 + counter,
    depth: counter,
    prevEvents: ['$some-previous-event'],
    authEvents: [],
    redacts: undefined,
    version: rulesOf(id),
    pdu: {},
    ...fields,
  }
}

export function member(
  id: RoomVersionId,
  userId: string,
  membership: string,
  more: EventFields = {},
): RoomEvent {
  return makeEvent(id, {
    type: 'm.room.member',
    sender: userId,
    stateKey: userId,
    content: { membership },
    ...more,
  })
}

export function createEvent(id: RoomVersionId, content: JsonObject = {}, more: EventFields = {}): RoomEvent {
  const named: JsonObject = Number(id) < 11 ? { creator: CREATOR } : {}
  return makeEvent(id, {
    eventId: '$create',
    type: 'm.room.create',
    sender: CREATOR,
    stateKey: '',
    prevEvents: [],
    content: { room_version: id, ...named, ...content },
    ...more,
  })
}

export interface RoomSetting {
  readonly create?: JsonObject
  /** Null for a room without the event. */
  readonly levels?: JsonObject | null
  readonly joinRule?: string | null
  readonly members?: Readonly<Record<string, string>>
  readonly more?: readonly RoomEvent[]
}

/** A room with its creator, an admin (100), a moderator (50) and a user joined, unless a test says otherwise. */
export function roomState(id: RoomVersionId, setting: RoomSetting = {}): AuthState {
  const { levels = defaultLevels(id), joinRule = 'invite', more = [] } = setting
  const members = { [CREATOR]: 'join', [ADMIN]: 'join', [MOD]: 'join', [USER]: 'join', ...setting.members }
  const events = Object.entries(members).map(([userId, membership]) => member(id, userId, membership))
  if (levels) {
    events.push(
      makeEvent(id, { type: 'm.room.power_levels', sender: CREATOR, stateKey: '', content: levels }),
    )
  }
  if (joinRule !== null) {
    events.push(
      makeEvent(id, {
        type: 'm.room.join_rules',
        sender: CREATOR,
        stateKey: '',
        content: { join_rule: joinRule },
      }),
    )
  }
  return authStateOf([...events, ...more, createEvent(id, setting.create)])
}

/** Creators stand above the levels from version 12 on, so they may not be named there. */
export function defaultLevels(id: RoomVersionId): JsonObject {
  return { users: { ...(id === '12' ? {} : { [CREATOR]: 100 }), [ADMIN]: 100, [MOD]: 50 } }
}

/** `allowed`, or the reason of the refusal. */
export function verdict(result: AuthResult): string {
  return result.allowed ? 'allowed' : result.reason
}

export function judge(id: RoomVersionId, fields: EventFields, setting: RoomSetting = {}): string {
  return verdict(checkAuth(makeEvent(id, fields), roomState(id, setting)))
}
