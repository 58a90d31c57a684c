import { setTimeout as sleep } from 'node:timers/promises'
import type { RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../../storage/position/committed-write.ts'
import { streamPosition, type StreamPosition } from '../../../storage/position/position.ts'
import { beginCursor, readCursor, saveCursor } from '../../../storage/position/stream-cursor.ts'
import {
  agedStretch,
  mailsDue,
  type MailCandidate,
  type MailDue,
} from '../../../storage/pushers/mails-due.ts'
import type { Queries } from '../../../storage/database.ts'
import { StreamFollower } from '../../stream/stream-follower.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import type { Notice } from '../delivery/notice.ts'
import { PushingMembers } from '../delivery/pushing-members.ts'
import { Spread } from '../delivery/spread.ts'
import { QUIET_MS } from './mail-pace.ts'
import { MailUsers } from './mail-users.ts'

/** Names the stored cursor. */
const CONSUMER = 'mail'
/** What comes of age in this time is looked at together: a mail may well be so much later. */
const GATHER_MS = 10_000

/** What it stands on. */
export interface MailFollowerOptions {
  readonly services: SyncServices
  /** How old something has to be. */
  readonly delayMs: number
  /** Has mails made, in the transaction that stores how far the stream is read. */
  readonly schedule: (transaction: Queries, due: readonly MailDue[]) => Promise<void>
  readonly scheduled: () => void
  readonly onError: (error: unknown) => void
}

/**
 * Follows the stream at the distance of the delay before a mail. Most of what notifies somebody has been read by then and
 * costs nothing more; a row is written only for whoever will get a mail.
 */
export class MailFollower {
  readonly #options: MailFollowerOptions
  readonly #users: MailUsers
  readonly #members: PushingMembers
  readonly #spread: Spread
  readonly #follower: StreamFollower
  readonly #stopping = new AbortController()
  #found = new Map<string, MailCandidate>()
  #unsubscribe: (() => void) | undefined

  constructor(options: MailFollowerOptions) {
    const { services, onError } = options
    const { queries, committer } = services
    this.#options = options
    this.#users = new MailUsers(queries)
    this.#members = new PushingMembers(queries, 'email', (userNid) => this.#users.has(userNid))
    this.#spread = new Spread(services, 'email', this.#users, this.#members, (user, notice) =>
      this.#note(user, notice),
    )
    this.#follower = new StreamFollower({
      consumer: CONSUMER,
      queries,
      committer,
      step: (after, until) => this.#step(after, until),
      onError,
    })
  }

  /** Takes up where the last run ended. */
  async start(): Promise<void> {
    const { queries, committer } = this.#options.services
    await this.#users.start()
    this.#unsubscribe = committer.onCommit((writes) => this.#absorb(writes))
    // Pushers know from where on they are told, so that nothing is lost by beginning late while there are none.
    if (this.#users.isEmpty) await saveCursor(queries, CONSUMER, committer.head)
    else await beginCursor(queries, CONSUMER, committer.head)
    await this.#spread.start(streamPosition(await readCursor(queries, CONSUMER)))
    await this.#follower.start()
  }

  /** Ends after the step under way. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#unsubscribe?.()
    await this.#follower.stop()
  }

  /** A user's pushers have changed. */
  async reload(userNid: UserNid): Promise<void> {
    const isFirst = this.#users.isEmpty
    if (!(await this.#users.reload(userNid))) return
    this.#members.forgetAll()
    if (isFirst) await saveCursor(this.#options.services.queries, CONSUMER, this.#spread.position)
  }

  #absorb(writes: readonly CommittedWrite[]): void {
    this.#spread.absorb(writes)
    this.#members.absorb(writes)
  }

  async #step(after: StreamPosition, until: StreamPosition): Promise<StreamPosition> {
    if (this.#users.isEmpty) return this.#spread.step(after, until)
    const end = await this.#aged(after, until)
    this.#found = new Map()
    const reached = await this.#spread.step(after, end)
    const { services, schedule, scheduled } = this.#options
    const due = await mailsDue(services.queries, [...this.#found.values()], QUIET_MS + this.#options.delayMs)
    await services.queries.transaction().execute(async (transaction) => {
      await schedule(transaction, due)
      await saveCursor(transaction, CONSUMER, reached)
    })
    if (due.length > 0) scheduled()
    return reached
  }

  /** Waits until some of the stream is old enough. Returns up to where. */
  async #aged(after: StreamPosition, until: StreamPosition): Promise<StreamPosition> {
    const { services, delayMs } = this.#options
    for (;;) {
      const now = services.now()
      const { end, youngTs } = await agedStretch(services.queries, after, until, now - delayMs)
      if (end !== undefined) return end
      const wait = (youngTs ?? now) + delayMs - now + Math.min(GATHER_MS, delayMs)
      await sleep(Math.max(wait, 1), undefined, { signal: this.#stopping.signal })
    }
  }

  #note(userNid: UserNid, { event }: Notice): void {
    const { roomNid, thread, position, receivedTs } = event
    const key = candidateKey(userNid, roomNid, thread)
    const historyPos = event.historyPos ?? this.#found.get(key)?.historyPos
    const readyTs = this.#found.get(key)?.readyTs ?? receivedTs + this.#options.delayMs
    this.#found.set(key, { userNid, roomNid, thread, position, historyPos, readyTs })
  }
}

function candidateKey(userNid: UserNid, roomNid: RoomNid, thread: string): string {
  return `${userNid}/${roomNid}/${thread}`
}
