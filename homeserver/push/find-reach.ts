import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { membershipIn } from '../../protocol/auth-rules/membership.ts'
import { powerLevelsIn } from '../../protocol/auth-rules/power-levels.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { PushContext } from '../../protocol/push-rules/push-context.ts'
import type { PushEvent } from '../../protocol/push-rules/push-event.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import {
  expectedOutcome,
  FULL_HEARING,
  type EventReach,
  type Hearing,
  type PersonalOutcome,
} from '../../storage/push/event-reach.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import { defaultOutcome } from './default-outcome.ts'
import { eventToPush, hear, hearingOf, type Listener } from './listener.ts'
import { contentWithMentions, mentionsIn } from './mentions.ts'
import type { PushAudience } from './push-audience.ts'

/** The room before an event, as far as push rules ask for it. */
export interface ReachScene {
  readonly roomNid: RoomNid
  readonly thread: string
  /** Membership events of users, by `(m.room.member, user)`. */
  members(userIds: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>>
  /** The power levels, the create event and the sender's membership. */
  powerState(): Promise<readonly RoomEvent[]>
}

/** What finding out stands on. */
export interface ReachServices {
  readonly serverName: string
  readonly interner: Interner
  readonly audience: PushAudience
}

const NO_POWER = { senderPower: 0, powerLevels: undefined }

/** Neither two nor any number that a default rule asks for. */
const SOME_MEMBERS = 3

/**
 * Finds out whom a new event notifies: everybody by the default rules, evaluated once, once more for those who follow
 * its thread, and one by one those whom it names or whose rules are others. The cost does not grow with the members who
 * have default rules.
 */
export async function findReach(
  services: ReachServices,
  event: RoomEvent,
  scene: ReachScene,
): Promise<EventReach> {
  const { audience, interner } = services
  const mentions = mentionsIn(contentWithMentions(event))
  const [deviating, named] = await Promise.all([
    audience.inRoom(scene.roomNid),
    namedUsers(services, event, mentions.userIds, scene),
  ])
  const listeners = new Map(
    [...deviating, ...(await audience.of(named))]
      .filter(({ userId }) => userId !== event.sender)
      .map((listener) => [listener.userNid, listener]),
  )
  const pushed = eventToPush(event)
  const power =
    mentions.room || listeners.size > 0 ? powerOf(event.sender, await scene.powerState()) : NO_POWER
  const subscribers = await audience.subscribers(scene.roomNid, scene.thread)
  const bystander = { ...power, displayName: undefined, memberCount: SOME_MEMBERS }
  const general = defaultOutcome(pushed, {
    ...bystander,
    inSubscribedThread: subscribers ? false : undefined,
  })
  const followed = defaultOutcome(pushed, { ...bystander, inSubscribedThread: true })
  const senderNid = subscribers?.size ? await interner.findUserNid(event.sender) : undefined
  const followers = Array.from(subscribers ?? []).flatMap((userNid): readonly PersonalOutcome[] =>
    userNid === senderNid || listeners.has(userNid)
      ? []
      : deviationFrom(general, FULL_HEARING, userNid, followed.counted, followed.toRoom),
  )
  if (listeners.size === 0) return { ...general, thread: scene.thread, personal: followers }
  const memberCount = await audience.memberCount(scene.roomNid)
  const names = await displayNames(listeners.values(), scene)
  const personal = Array.from(listeners.values()).flatMap((listener) =>
    deviation(listener, pushed, general, {
      ...power,
      memberCount,
      displayName: names.get(listener.userId),
      inSubscribedThread: subscribers?.has(listener.userNid),
    }),
  )
  return { ...general, thread: scene.thread, personal: [...personal, ...followers] }
}

function deviation(
  listener: Listener,
  event: PushEvent,
  general: Pick<EventReach, 'counted' | 'toRoom'>,
  context: PushContext,
): readonly PersonalOutcome[] {
  const outcome = hear(listener, event, context)
  const hearing = hearingOf(listener, event.roomId)
  return deviationFrom(general, hearing, listener.userNid, outcome !== undefined, outcome?.highlight ?? false)
}

function deviationFrom(
  general: Pick<EventReach, 'counted' | 'toRoom'>,
  hearing: Hearing,
  userNid: UserNid,
  notify: boolean,
  highlight: boolean,
): readonly PersonalOutcome[] {
  const expected = expectedOutcome(general, hearing)
  if (notify === expected.notify && highlight === expected.highlight) return []
  return [{ userNid, notify, highlight }]
}

/** Local users whom an event mentions or invites, as far as they have to do with the room. */
async function namedUsers(
  { serverName, interner }: ReachServices,
  event: RoomEvent,
  mentioned: readonly string[],
  scene: ReachScene,
): Promise<ReadonlyMap<UserNid, string>> {
  const isLocal = (userId: string): boolean => serverOf(userId) === serverName
  const candidates = mentioned.filter(isLocal)
  const members = candidates.length > 0 ? await scene.members(candidates) : new Map<string, StoredEvent>()
  const wanted = candidates.filter((userId) => {
    const member = members.get(stateTuple('m.room.member', userId))
    return member !== undefined && membershipIn(member.event) === 'join'
  })
  const isInvite = event.type === 'm.room.member' && membershipIn(event) === 'invite'
  if (isInvite && event.stateKey !== undefined && isLocal(event.stateKey)) wanted.push(event.stateKey)
  if (wanted.length === 0) return new Map()
  return new Map(Array.from(await interner.findUserNids(wanted), ([userId, nid]) => [nid, userId]))
}

function powerOf(
  sender: string,
  state: readonly RoomEvent[],
): Pick<PushContext, 'senderPower' | 'powerLevels'> {
  const create = state.find((event) => event.type === 'm.room.create')
  return {
    senderPower: powerLevelsIn(authStateOf(state, create)).powerOf(sender),
    powerLevels: state.find((event) => event.type === 'm.room.power_levels')?.content,
  }
}

async function displayNames(
  listeners: Iterable<Listener>,
  scene: ReachScene,
): Promise<ReadonlyMap<string, string>> {
  const asking = Array.from(listeners).filter(({ asksForName }) => asksForName)
  if (asking.length === 0) return new Map()
  const members = await scene.members(asking.map(({ userId }) => userId))
  return new Map(
    asking.flatMap(({ userId }): [string, string][] => {
      const member = members.get(stateTuple('m.room.member', userId))
      const name = member && ownValue(member.event.content, 'displayname')
      return typeof name === 'string' ? [[userId, name]] : []
    }),
  )
}
