import type { Hero } from '../../homeserver/sliding-sync/room-profile.ts'
import type { RoomResult } from '../../homeserver/sliding-sync/room-result.ts'
import type { PlacedAnswer } from '../../homeserver/sliding-sync/sliding-sync.ts'
import { member } from '../../homeserver/sync/answer-text.ts'

/** How the two wire forms differ in what they say of a room. */
export interface RoomForm {
  readonly strippedKey: string
  readonly expandedKey: string
  /** What this form says in its own way: members of the room's object, as JSON texts. */
  ownMembers(room: RoomResult): string[]
  /** What this form says of state that is not there any more: JSON texts among the state events. */
  stubs(room: RoomResult): string[]
}

/** The JSON text of an answer. @param extra further members of its object. */
export function answerText(answer: PlacedAnswer, form: RoomForm, extra: readonly string[] = []): string {
  const lists = Array.from(answer.counts, ([key, count]) => member(key, `{"count":${count}}`))
  const rooms = answer.rooms.map((room) => member(room.plan.roomId, roomText(answer, room, form)))
  const extensions = Array.from(answer.extensions, ([key, { text }]) => member(key, text))
  return `{${[
    member('pos', JSON.stringify(answer.pos)),
    ...extra,
    member('lists', `{${lists.join(',')}}`),
    member('rooms', `{${rooms.join(',')}}`),
    member('extensions', `{${extensions.join(',')}}`),
  ].join(',')}}`
}

function roomText(answer: PlacedAnswer, room: RoomResult, form: RoomForm): string {
  const { plan, profile, timeline, bumpStamp, isDm, live } = room
  const { presenter, sightings } = answer
  const required = room.required.map((stored) => presenter.present(stored, 'sync'))
  const events = (timeline?.events ?? []).map((stored) =>
    presenter.present(stored, 'sync', sightings.get(stored.eventNid)?.membership),
  )
  if (room.outsideEnd !== undefined) {
    required.push(room.outsideEnd)
    events.push(room.outsideEnd)
  }
  const members = form.ownMembers(room)
  if (plan.initial) members.push('"initial":true')
  if (plan.expanded) members.push(member(form.expandedKey, 'true'))
  if (bumpStamp !== undefined) members.push(member('bump_stamp', String(bumpStamp)))
  if (isDm !== undefined) members.push(member('is_dm', String(isDm)))
  if (profile.heroes) members.push(member('heroes', JSON.stringify(profile.heroes.map(heroForm))))
  if (profile.joined !== undefined) members.push(member('joined_count', String(profile.joined)))
  if (profile.invited !== undefined) members.push(member('invited_count', String(profile.invited)))
  if (plan.stripped && plan.initial) members.push(member(form.strippedKey, `[${room.stripped.join(',')}]`))
  const state = [...required, ...form.stubs(room)]
  if (state.length > 0) members.push(member('required_state', `[${state.join(',')}]`))
  if (events.length > 0) members.push(member('timeline', `[${events.join(',')}]`))
  if (timeline) {
    members.push(member('limited', String(timeline.limited)), member('num_live', String(live)))
    members.push(member('prev_batch', JSON.stringify(timeline.prevBatch)))
  }
  return `{${members.join(',')}}`
}

function heroForm({ userId, displayName, avatarUrl }: Hero): object {
  return { user_id: userId, displayname: displayName, avatar_url: avatarUrl }
}
