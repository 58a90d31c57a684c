import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { shownEvent } from '../history/event-text.ts'
import type { SeenSummary } from '../sync/summaries.ts'
import type { SlidingPlan } from './plan-rooms.ts'
import type { StateEvents } from './read-state.ts'
import type { StateChange } from './required-events.ts'

/** A member after whom a room without a name is called. */
export interface Hero {
  readonly userId: string
  readonly displayName: string | undefined
  readonly avatarUrl: string | undefined
}

/** What a room looks like in a list. Absent fields have not changed; null ones are not there any more. */
export interface RoomProfile {
  readonly name?: string | null
  readonly avatar?: string | null
  readonly heroes?: readonly Hero[]
  readonly joined?: number
  readonly invited?: number
}

/** Which parts of a room's profile may have changed. */
export interface ProfileNews {
  readonly name: boolean
  readonly avatar: boolean
  readonly members: boolean
}

/** What the changes of a room's state mean for its profile. */
export function profileNews(plan: SlidingPlan, changes: readonly StateChange[]): ProfileNews {
  const changed = (type: string): boolean => plan.initial || changes.some((change) => change.type === type)
  return {
    name: changed('m.room.name'),
    avatar: changed('m.room.avatar'),
    members: changed('m.room.member'),
  }
}

/**
 * The profile of a room (MSC4186, `RoomResult`).
 *
 * @param summary undefined where the members have not changed and the name has not, or are not the user's to see.
 * @param state the name, the avatar, and the heroes' membership events, where any of them may have changed.
 */
export function profileOf(
  plan: SlidingPlan,
  news: ProfileNews,
  summary: SeenSummary | undefined,
  state: StateEvents,
): RoomProfile {
  const name = textOf(state.get('m.room.name', ''), 'name')
  const avatar = textOf(state.get('m.room.avatar', ''), 'url')
  const heroes = (summary?.heroes ?? []).map((userId) => heroOf(userId, state.get('m.room.member', userId)))
  // A chat of two looks like the other one where nobody has given it a picture.
  const face = avatar ?? (plan.isDm && heroes.length === 1 ? heroes[0]!.avatarUrl : undefined)
  const avatarMayDiffer = news.avatar || (plan.isDm && news.members) || plan.dmChanged
  return {
    ...(news.name && known('name', name, plan)),
    ...(avatarMayDiffer && known('avatar', face, plan)),
    ...(name === undefined && heroes.length > 0 && { heroes }),
    ...(news.members && summary && { joined: summary.joined, invited: summary.invited }),
  }
}

/** Of a room that is sent as a whole, what is absent is not there. */
function known<Key extends string>(
  key: Key,
  value: string | undefined,
  { initial }: SlidingPlan,
): { readonly [K in Key]?: string | null } {
  if (value === undefined && initial) return {}
  return { [key]: value ?? null } as { readonly [K in Key]?: string | null }
}

function heroOf(userId: string, member: StoredEvent | undefined): Hero {
  return { userId, displayName: textOf(member, 'displayname'), avatarUrl: textOf(member, 'avatar_url') }
}

/** An empty text counts as none (client-server API, `m.room.name`). */
function textOf(stored: StoredEvent | undefined, key: string): string | undefined {
  const content: JsonObject = stored ? shownEvent(stored).content : {}
  const value = ownValue(content, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}
