import type { PushOutcome } from '../../../protocol/push-rules/push-outcome.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../../storage/position/committed-write.ts'
import { isAfter, STREAM_START, type StreamPosition } from '../../../storage/position/position.ts'
import {
  eventsToPush,
  outsideInvitesAfter,
  type EventToPush,
  type OutsideInvite,
} from '../../../storage/push/events-to-push.ts'
import type { Pusher } from '../../../storage/pushers/pusher.ts'
import { outsideMembershipOf } from '../../../storage/rooms/outside-membership.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import { lazyEventNames } from './event-names.ts'
import { judgeEvent } from './judge-events.ts'
import { pushedEvent, type Notice } from './notice.ts'
import { judgeOutsideInvite } from './outside-invites.ts'
import type { PushingMembers } from './pushing-members.ts'

/** Events of one step. */
const STEP_EVENTS = 500

/** Those who have pushers of a kind. */
export interface PushingUsers {
  readonly isEmpty: boolean
  has(userNid: UserNid): boolean
  /** Those among some users, by number. */
  among(userIds: readonly string[]): ReadonlyMap<UserNid, string>
  userIdOf(userNid: UserNid): string | undefined
}

/** Takes in the stream and finds whom of those who have pushers of a kind it notifies. */
export class Spread {
  /** Everything up to here has been handed out. */
  position: StreamPosition = STREAM_START
  readonly #services: SyncServices
  readonly #kind: Pusher['kind']
  readonly #users: PushingUsers
  readonly #members: PushingMembers
  readonly #hand: (userNid: UserNid, notice: Notice) => void
  #invites: OutsideInvite[] = []

  /** @param hand takes what a user is to be told. */
  constructor(
    services: SyncServices,
    kind: Pusher['kind'],
    users: PushingUsers,
    members: PushingMembers,
    hand: (userNid: UserNid, notice: Notice) => void,
  ) {
    this.#services = services
    this.#kind = kind
    this.#users = users
    this.#members = members
    this.#hand = hand
  }

  /** Begins after a position; what was missed of other servers' invites is read. */
  async start(cursor: StreamPosition): Promise<void> {
    this.position = cursor
    const missed = await outsideInvitesAfter(this.#services.queries, cursor, { kind: this.#kind })
    const heard = new Set(this.#invites.map((invite) => invite.position))
    this.#invites.unshift(...missed.filter(({ position }) => !heard.has(position)))
  }

  /** Notes invites to rooms elsewhere, which are no events here. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const outside = outsideMembershipOf(committed)
      if (outside?.membership !== 'invite' || !this.#users.has(outside.userNid)) continue
      this.#invites.push({
        userNid: outside.userNid,
        roomNid: outside.roomNid,
        position: committed.position,
        eventPdu: outside.eventPdu?.toString('utf8'),
        strippedState: outside.strippedState?.toString('utf8'),
      })
    }
  }

  /** Takes in a part of the stream. Returns how far it came. */
  async step(after: StreamPosition, until: StreamPosition): Promise<StreamPosition> {
    const { queries, events } = this.#services
    if (this.#users.isEmpty) return (this.position = until)
    const page = await eventsToPush(queries, { after, until, limit: STEP_EVENTS })
    const end = page.length < STEP_EVENTS ? until : page.at(-1)!.position
    const due = this.#invites.filter(({ position }) => !isAfter(position, end))
    const judged = await this.#judge(page, await events.byPlaces(page))
    const invites = await Promise.all(
      due.map(async (invite) => {
        const userId = this.#users.userIdOf(invite.userNid)
        const notice = userId && (await judgeOutsideInvite(this.#services, invite, userId, after))
        return notice ? { userNid: invite.userNid, notice } : undefined
      }),
    )
    // From here on nothing is waited for, so that a position and what was handed out up to it always agree.
    this.#invites = this.#invites.filter((invite) => !due.includes(invite))
    this.#handOut(judged, after)
    for (const invite of invites) if (invite) this.#hand(invite.userNid, invite.notice)
    this.position = end
    return end
  }

  async #judge(page: readonly EventToPush[], stored: ReadonlyMap<EventToPush['eventNid'], StoredEvent>) {
    const judged: Judged[] = []
    for (const place of page) {
      const event = stored.get(place.eventNid)
      if (!event || event.redactedBy !== undefined) continue
      const told = await judgeEvent(this.#services, place, event, {
        members: await this.#members.of(place.roomNid),
        pushing: (userIds) => this.#users.among(userIds),
        userIdOf: (userNid) => this.#users.userIdOf(userNid),
      })
      if (told.size === 0) continue
      const memberCount = await this.#services.audience.memberCount(place.roomNid)
      judged.push({ place, event, told, memberCount })
    }
    return judged
  }

  #handOut(judged: readonly Judged[], start: StreamPosition): void {
    const names = lazyEventNames(
      this.#services,
      judged.map(({ event }) => event),
    )
    let after = start
    for (const { place, event, told, memberCount } of judged) {
      const { position, thread } = place
      const pushed = pushedEvent(event, { position, after, thread, memberCount }, names)
      for (const [userNid, outcome] of told) this.#hand(userNid, { event: pushed, outcome })
      after = position
    }
  }
}

interface Judged {
  readonly place: EventToPush
  readonly event: StoredEvent
  readonly told: ReadonlyMap<UserNid, PushOutcome>
  readonly memberCount: number
}
