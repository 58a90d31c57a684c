import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { isAfter } from '../../storage/position/position.ts'
import type { EphemeralBus } from '../ephemeral/ephemeral-bus.ts'
import { OpenHistories } from '../history/open-histories.ts'
import type { ReadServices } from '../history/read-services.ts'
import { ReplacedState } from '../history/replaced-state.ts'
import { Children } from '../relations/children.ts'
import { createIgnoredUsers } from '../moderation/ignored-users.ts'
import { InvitePermissions } from '../moderation/invite-permission.ts'
import { answerChunks } from './answer-chunks.ts'
import { beginAnswer } from './begin-answer.ts'
import { buildAnswer, type SyncAnswer } from './build-answer.ts'
import { buildRooms, type RoomTexts } from './build-rooms.ts'
import { storedChanges, type ChangeSource } from './change-source.ts'
import { CurrentMembers } from './current-members.ts'
import { mayHaveTypingNews } from './ephemeral-events.ts'
import { MemberTexts } from './member-texts.ts'
import { NewestPlaces } from './newest-places.ts'
import { nextWake } from './next-wake.ts'
import { loadOpenings } from './openings/load-openings.ts'
import { Openings } from './openings/openings.ts'
import { RecentChanges } from './recent-changes.ts'
import { RoomFacts } from './room-facts.ts'
import { roomGroups } from './room-groups.ts'
import type { RoomPlan } from './skeleton.ts'
import { SentMembers } from './sent-members.ts'
import type { SentTransactions } from './sent-transactions.ts'
import type { StreamProvider } from './stream-provider.ts'
import { mayWait, type SyncRequest } from './sync-request.ts'
import type { SyncServices } from './sync-services.ts'
import { Turns } from './turns.ts'
import { UserViews } from './user-views.ts'
import type { UserView } from './user-view.ts'

/** Proxies and clients give up on requests long before; a longer wait only holds memory. */
const MAX_TIMEOUT_MS = 5 * 60_000

/**
 * Answers that are built at once after a wake. Few, so that the first of many who wait in one room have theirs while
 * the last ones are built; more than one, because one may have to ask the database.
 */
const MAX_WOKEN_AT_ONCE = 4

/**
 * Groups of rooms of whole answers that are built at once: more than one, because one may have to ask the database;
 * few, because each holds a few megabytes, and side by side none would end before the others.
 */
const MAX_WHOLE_AT_ONCE = 3

/** Gives clients what is new to them, at once or as soon as there is something. */
export class Sync {
  readonly services: SyncServices
  readonly #woken = new Turns(MAX_WOKEN_AT_ONCE)
  readonly #whole = new Turns(MAX_WHOLE_AT_ONCE)

  readonly #providers: StreamProvider[]

  /** Use {@link startSync}. */
  constructor(services: Omit<SyncServices, 'providers'>, providers: readonly StreamProvider[]) {
    this.#providers = [...providers]
    this.services = { ...services, providers: this.#providers }
  }

  /** Has a provider give its part of every answer from now on. */
  provide(provider: StreamProvider): void {
    this.#providers.push(provider)
  }

  /**
   * Answers a `/sync` request with JSON text.
   *
   * @throws MatrixError 400 M_INVALID_PARAM for a token from the future.
   */
  async answer(request: SyncRequest): Promise<string> {
    return (await this.next(request)).text
  }

  /**
   * Answers a request that waits for nothing: one without `since`, or for the full state. The text comes in chunks,
   * each built when it is asked for.
   *
   * @throws MatrixError 400 M_INVALID_PARAM for a token from the future.
   */
  async chunks(request: SyncRequest): Promise<AsyncGenerator<Buffer, undefined>> {
    this.#checkSince(request)
    const { views } = this.services
    const { userNid } = request.viewer
    const source = this.#sourceOf(request)
    const begun = await beginAnswer(this.services, source, request, await views.of(userNid))
    const groups = await roomGroups(this.services, request, begun.plans)
    const build = async (group: readonly RoomPlan[]): Promise<RoomTexts> => {
      const view = await views.of(userNid)
      // A slow reader may have left a room meanwhile, and is not told what was said since.
      const open = group.filter(({ section, roomNid }) => section === 'leave' || isJoined(view, roomNid))
      return buildRooms(this.services, source, request, view, begun, open)
    }
    return answerChunks(begun, groups, build, this.#whole)
  }

  /**
   * Waits as `answer` does, and tells whether there was anything and where the next answer begins.
   *
   * @throws MatrixError 400 M_INVALID_PARAM for a token from the future.
   */
  async next(request: SyncRequest): Promise<SyncAnswer> {
    this.#checkSince(request)
    const { views } = this.services
    const waits = mayWait(request)
    const deadline = performance.now() + Math.min(request.timeoutMs, MAX_TIMEOUT_MS)
    const mustEnd = (): boolean => !waits || performance.now() >= deadline || request.signal?.aborted === true
    for (let woken = false; ; woken = true) {
      const view = await views.of(request.viewer.userNid)
      const wakesSeen = view.wakes
      if (mustEnd() || this.#mayHaveNews(request)) {
        const build = () => this.#build(request, view)
        const answer = await (woken ? this.#woken.take(build) : build())
        if (answer.hasNews || mustEnd()) return answer
      }
      const remaining = deadline - performance.now()
      if (view.wakes === wakesSeen && !view.closed) await nextWake(view, remaining, request.signal)
    }
  }

  /** False where nothing has happened since; most polls come right after an answer. */
  #mayHaveNews({ since, viewer, durableOnly }: SyncRequest): boolean {
    const { committer, ephemeral, providers } = this.services
    if (!since || isAfter(committer.head, since.position)) return true
    if (durableOnly) return false
    const seen = since.ephemeral
    return (
      mayHaveTypingNews(ephemeral, seen) ||
      providers.some((provider) => provider.mayHaveEphemeralNews?.(viewer, seen))
    )
  }

  #checkSince({ since }: SyncRequest): void {
    if (since !== undefined && isAfter(since.position, this.services.committer.head)) {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`since` is not a token that this server gave out')
    }
  }

  #build(request: SyncRequest, view: UserView): Promise<SyncAnswer> {
    return buildAnswer(this.services, this.#sourceOf(request), request, view)
  }

  #sourceOf({ since }: SyncRequest): ChangeSource {
    const { recent, stored } = this.services
    return since && recent.reaches(since.position) ? recent : stored
  }
}

function isJoined({ rooms }: UserView, roomNid: RoomNid): boolean {
  return rooms.get(roomNid)?.membership === 'join'
}

/** What sync is built on beside what it reads from. */
export interface SyncParts {
  readonly ephemeral: EphemeralBus
  /** What the sending routes note their transaction ids in. */
  readonly sent: SentTransactions
  readonly providers?: readonly StreamProvider[]
}

/**
 * Builds sync and has it keep up with the stream from now on. The event store must absorb commits before: its
 * listener is added first.
 */
export async function startSync(reading: ReadServices, parts: SyncParts): Promise<Sync> {
  const { ephemeral, sent, providers = [] } = parts
  const { queries, interner, committer } = reading
  const memberType = await interner.typeNid('m.room.member')
  const inDatabase = storedChanges(queries)
  const newestPlaces = new NewestPlaces(reading, inDatabase)
  const stored: ChangeSource = {
    ...inDatabase,
    newestPlaces: (ranges, limit) => newestPlaces.of(ranges, limit),
  }
  const services: SyncServices = {
    ...reading,
    ephemeral,
    stored,
    views: new UserViews(reading),
    recent: new RecentChanges(stored, committer.head),
    facts: new RoomFacts(reading),
    members: new CurrentMembers(reading, memberType),
    memberTexts: new MemberTexts(reading, memberType),
    openHistories: new OpenHistories(reading),
    openings: new Openings((request, roomNids) => loadOpenings(services, request, roomNids)),
    ignoredUsers: createIgnoredUsers(queries),
    invitePermissions: new InvitePermissions(queries),
    replacedState: new ReplacedState(reading),
    children: new Children(reading),
    sent,
    sentMembers: new SentMembers(),
    providers: [],
  }
  committer.onCommit((writes) => {
    sent.absorb(writes, reading.serverName)
    services.recent.absorb(writes)
    newestPlaces.absorb(writes)
    services.facts.absorb(writes)
    services.members.absorb(writes)
    services.memberTexts.absorb(writes)
    services.openHistories.absorb(writes)
    services.openings.absorb(writes)
    services.ignoredUsers.absorb(writes)
    services.invitePermissions.absorb(writes)
    services.replacedState.absorb(writes)
    services.children.absorb(writes)
    services.views.absorb(writes)
  })
  ephemeral.onChange((roomId) => {
    const roomNid = interner.peekRoomNid(roomId)
    if (roomNid !== undefined) services.views.wakeRoom(roomNid)
  })
  return new Sync(services, providers)
}
