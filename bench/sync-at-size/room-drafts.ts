import type { EventDraft } from '../../homeserver/rooms/event-draft.ts'
import { sample } from '../../spec-tests/support/seeded-random.ts'

/** Those who do the talking in a room; most members only listen. */
const TALKERS = 25
/** One message in so many is a reaction to an earlier one. */
const MESSAGES_PER_REACTION = 12
const WORDS =
  'the rooms of a server are many and most people read far more in them than they ever write'.split(' ')
const MAX_WORDS = 30
/** Between two messages of a room, in milliseconds. */
const PAUSE_MS = 60_000

/** What furnishes a room after its create event and its creator's join. */
export function furnishing(creator: string, name: string): EventDraft[] {
  const state = (type: string, content: EventDraft['content']): EventDraft => ({
    type,
    stateKey: '',
    sender: creator,
    content,
  })
  return [
    joining(creator),
    state('m.room.power_levels', { users_default: 0, events: { 'm.room.topic': 50 }, state_default: 50 }),
    state('m.room.join_rules', { join_rule: 'public' }),
    state('m.room.history_visibility', { history_visibility: 'shared' }),
    state('m.room.guest_access', { guest_access: 'forbidden' }),
    state('m.room.name', { name }),
    state('m.room.topic', { topic: `${name}: ${WORDS.join(' ')}` }),
  ]
}

/** A member event as clients of today make it. */
export function joining(userId: string): EventDraft {
  const name = userId.slice(1, userId.indexOf(':'))
  return {
    type: 'm.room.member',
    stateKey: userId,
    sender: userId,
    content: {
      membership: 'join',
      displayname: `Member ${name}`,
      avatar_url: `mxc://bench.example/${name.padEnd(24, 'a')}`,
    },
  }
}

/** Messages of a few talkers among the members, the last of them now. */
export function talk(
  members: readonly string[],
  count: number,
  now: number,
  random: () => number,
): EventDraft[] {
  const talkers = sample(members, TALKERS, random)
  return Array.from({ length: count }, (_, index): EventDraft => {
    // Few of them say most: the square favours the first of the list.
    const sender = talkers[Math.floor(random() ** 2 * talkers.length)]!
    const words = Array.from(
      { length: 3 + Math.floor(random() * MAX_WORDS) },
      () => sample(WORDS, 1, random)[0],
    )
    return {
      type: 'm.room.message',
      sender,
      content: { msgtype: 'm.text', body: words.join(' '), 'm.mentions': {} },
      originServerTs: now - (count - index) * PAUSE_MS,
    }
  })
}

/** Which of `eventIds` get a reaction, and from whom. */
export function reactions(
  eventIds: readonly string[],
  members: readonly string[],
  random: () => number,
): EventDraft[] {
  return sample(eventIds, Math.floor(eventIds.length / MESSAGES_PER_REACTION), random).map((eventId) => ({
    type: 'm.reaction',
    sender: sample(members, 1, random)[0]!,
    content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key: '👍' } },
  }))
}
