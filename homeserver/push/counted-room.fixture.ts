import { buildPdu } from '../../protocol/events/build-pdu.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { compilePushRules, evaluatePushRules } from '../../protocol/push-rules/evaluate-push-rules.ts'
import { pushEvent } from '../../protocol/push-rules/push-event.ts'
import {
  pushRulesetOf,
  UNCHANGED_PUSH_RULES,
  type StoredPushRules,
} from '../../protocol/push-rules/stored-push-rules.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { ACCOUNT_DATA, NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { RECEIPT } from '../../storage/rooms/receipt-write.ts'
import type { EventDraft } from '../rooms/event-draft.ts'
import type { TestRooms } from '../rooms/room-services.fixture.ts'
import { LocalRoomWriter } from '../rooms/room-writer.ts'
import { UserViews } from '../sync/user-views.ts'

/** A user of the tests: what they made of the push rules, and whom they ignore. */
export interface CountedUser {
  readonly userId: string
  readonly rules?: (roomId: string) => StoredPushRules
  readonly ignores?: readonly string[]
}

/** An event as a plain count sees it. */
interface SeenEvent {
  readonly eventId: string
  readonly place: number
  readonly thread: string
  /** By user id: whether it notifies, and whether it stands out. */
  readonly outcomes: ReadonlyMap<string, { readonly notify: boolean; readonly highlight: boolean }>
}

export type PlainCounts = Record<string, { readonly notifications: number; readonly highlights: number }>

/** A room in the database, and beside it every event's outcome for every user, counted one by one. */
export class CountedRoom {
  readonly views: UserViews
  readonly writer: LocalRoomWriter
  roomId = ''
  roomNid = 0 as RoomNid
  readonly #rooms: TestRooms
  readonly #users: readonly CountedUser[]
  readonly #nids = new Map<string, UserNid>()
  readonly #events: SeenEvent[] = []
  readonly #read = new Map<string, number>()

  constructor(rooms: TestRooms, users: readonly CountedUser[]) {
    this.#rooms = rooms
    this.#users = users
    this.writer = new LocalRoomWriter(rooms.services)
    this.views = new UserViews(rooms.services)
    rooms.services.committer.onCommit((writes) => this.views.absorb(writes))
  }

  /** Lets the first user create the room and all others join. */
  async open(): Promise<void> {
    const { services } = this.#rooms
    const creator = this.#users[0]!.userId
    const createEvent = buildPdu(
      {
        type: 'm.room.create',
        stateKey: '',
        sender: creator,
        content: { room_version: '12' },
        originServerTs: Date.now(),
        depth: 1,
        prevEvents: [],
        authEvents: [],
      },
      roomVersion('12')!,
      services.signer,
    )
    this.roomId = createEvent.roomId
    const state = (type: string, stateKey: string, content: JsonObject): EventDraft => ({
      type,
      stateKey,
      content,
      sender: creator,
    })
    await this.writer.submit(this.roomId, {
      kind: 'create',
      version: '12',
      createEvent,
      drafts: [
        state('m.room.member', creator, { membership: 'join' }),
        state('m.room.power_levels', '', { users: {} }),
        state('m.room.join_rules', '', { join_rule: 'public' }),
      ],
    })
    this.roomNid = (await services.interner.findRoomNid(this.roomId))!
    for (const [userId, nid] of await services.interner.userNids(this.#users.map((user) => user.userId))) {
      this.#nids.set(userId, nid)
    }
    for (const user of this.#users) await this.#join(user)
  }

  nid(userId: string): UserNid {
    return this.#nids.get(userId)!
  }

  /** Sends a message. `thread` is what a plain count takes it to belong to. */
  async say(sender: string, type: string, content: JsonObject, thread = 'main'): Promise<string> {
    const drafts = [{ type, sender, content }]
    const { eventIds } = await this.writer.submit(this.roomId, { kind: 'send', drafts })
    const stored = (await this.#rooms.services.events.byId(eventIds[0]!))!
    const place = stored.historyPos!
    const outcomes = this.#users.map(
      (user) => [user.userId, this.#evaluate(user, sender, type, content)] as const,
    )
    this.#events.push({ eventId: eventIds[0]!, place, thread, outcomes: new Map(outcomes) })
    this.#markRead(sender, thread, place)
    return eventIds[0]!
  }

  async redact(index: number): Promise<void> {
    const target = this.#events[index]
    if (!target) return
    const draft = {
      type: 'm.room.redaction',
      sender: this.#users[0]!.userId,
      redacts: target.eventId,
      content: {},
    }
    const { eventIds } = await this.writer.submit(this.roomId, { kind: 'send', drafts: [draft] })
    const place = (await this.#rooms.services.events.byId(eventIds[0]!))!.historyPos!
    this.#events[index] = { ...target, outcomes: new Map() }
    this.#markRead(draft.sender, 'main', place)
  }

  /** Marks a thread, or the whole room by the empty string, as read up to the event with an index. */
  async read(userId: string, thread: string, index: number): Promise<void> {
    const { services } = this.#rooms
    const target = this.#events[index]
    if (!target) return
    const { historyPos, unreadOrdinal } = (await services.events.byId(target.eventId))!
    await services.committer.submit(RECEIPT, {
      roomNid: this.roomNid,
      userNid: this.nid(userId),
      type: 'm.read',
      thread,
      eventId: target.eventId,
      ts: 0,
      read: { historyPos: historyPos!, unreadOrdinal },
    })
    this.#markRead(userId, thread, target.place)
  }

  /** What is unread by counting every event. */
  plainCounts(userId: string): PlainCounts {
    const counts: PlainCounts = {}
    for (const { place, thread, outcomes } of this.#events) {
      const outcome = outcomes.get(userId)
      const read = Math.max(this.#readPlace(userId, ''), this.#readPlace(userId, thread))
      if (!outcome?.notify || place <= read) continue
      const { notifications, highlights } = counts[thread] ?? { notifications: 0, highlights: 0 }
      counts[thread] = {
        notifications: notifications + 1,
        highlights: highlights + (outcome.highlight ? 1 : 0),
      }
    }
    return counts
  }

  #readPlace(userId: string, thread: string): number {
    return this.#read.get(`${userId}/${thread}`) ?? 0
  }

  #markRead(userId: string, thread: string, place: number): void {
    this.#read.set(`${userId}/${thread}`, Math.max(this.#readPlace(userId, thread), place))
  }

  /** Stores what a user makes of the push rules from now on. */
  async setRules(userId: string, rules: StoredPushRules): Promise<void> {
    await this.#store(userId, 'm.push_rules', rules)
  }

  async #store(userId: string, type: string, content: object): Promise<void> {
    await this.#rooms.services.committer.submit(ACCOUNT_DATA, {
      userNid: this.nid(userId),
      roomNid: NO_ROOM,
      type,
      content: JSON.stringify(content),
    })
  }

  async #join({ userId, rules, ignores }: CountedUser): Promise<void> {
    if (rules) await this.setRules(userId, rules(this.roomId))
    if (ignores) {
      const users = Object.fromEntries(ignores.map((ignored) => [ignored, {}]))
      await this.#store(userId, 'm.ignored_user_list', { ignored_users: users })
    }
    if (userId === this.#users[0]!.userId) return
    const content = { membership: 'join', displayname: userId.slice(1, userId.indexOf(':')) }
    const draft = { type: 'm.room.member', stateKey: userId, sender: userId, content }
    await this.writer.submit(this.roomId, { kind: 'send', drafts: [draft] })
  }

  #evaluate({ userId, rules, ignores }: CountedUser, sender: string, type: string, content: JsonObject) {
    if (userId === sender || ignores?.includes(sender)) return { notify: false, highlight: false }
    const outcome = evaluatePushRules(
      compilePushRules(pushRulesetOf(userId, rules?.(this.roomId) ?? UNCHANGED_PUSH_RULES)),
      pushEvent({ type, content, sender, room_id: this.roomId }),
      {
        displayName: userId.slice(1, userId.indexOf(':')),
        memberCount: this.#users.length,
        senderPower: sender === this.#users[0]!.userId ? Infinity : 0,
        powerLevels: {},
      },
    )
    return { notify: outcome?.notify ?? false, highlight: outcome?.highlight ?? false }
  }
}
