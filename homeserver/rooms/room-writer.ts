import { LRUCache } from 'lru-cache'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { BrokenChainError } from '../../storage/position/committer.ts'
import { isStaleLease } from '../../storage/position/database-error.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import { handleIntent } from './handle-intent.ts'
import { MissingCausesError } from './judge-received.ts'
import type { OpenRoom } from './open-room.ts'
import { openRoom } from './open-stored-room.ts'
import { PolicySignatureNeededError } from './policy/policy-of-room.ts'
import type { RoomIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'
import type { WriteResult } from './write-result.ts'

/** A head that keeps breaking is a fault of the database, not a race. */
const MAX_ATTEMPTS = 5
/** Idle rooms beyond these are opened again when somebody writes. */
const MAX_OPEN_ROOMS = 10_000
/** Far longer than the requests to other servers take that lie between a told state and the event it is for. */
const LEARNT_STATE_MS = 3_600_000
/** What other servers can tell in that time; about 200 bytes each. */
const MAX_LEARNT_STATES = 100_000

/** Everything that changes a room goes through here (DESIGN §2). */
export interface RoomWriter {
  /**
   * Writes to a room, after everything that was submitted to it before. Resolves after the commit.
   *
   * @throws MatrixError when the rules refuse it; `MissingCausesError` when causes of a received event are not here;
   *   `PolicySignatureNeededError` when the room's policy server has to sign a local event first.
   */
  submit(roomId: string, intent: RoomIntent): Promise<WriteResult>
  /** The room as its next event would find it; undefined when this server has no part in it. */
  open(roomId: string): Promise<OpenRoom | undefined>
}

/** The writer of rooms that this process owns: one intent at a time is prepared, many commits are under way. */
export class LocalRoomWriter implements RoomWriter {
  readonly #services: RoomServices
  readonly #open: LRUCache<string, Promise<OpenRoom | undefined>>
  readonly #tails = new Map<string, Promise<unknown>>()
  /** Commits that are not over, by room. */
  readonly #underWay = new Map<string, Set<Promise<void>>>()
  /** States that were told and that no event may have been stored with yet, with their room. */
  readonly #learnt = new LRUCache<StateRoot, string>({ max: MAX_LEARNT_STATES, ttl: LEARNT_STATE_MS })

  constructor(services: RoomServices) {
    this.#services = services
    this.#open = new LRUCache({ max: MAX_OPEN_ROOMS })
  }

  async submit(roomId: string, intent: RoomIntent): Promise<WriteResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (
          await this.#inTurn(roomId, () => this.#prepare(roomId, intent))
        ).committed
      } catch (error) {
        const superseded = error instanceof BrokenChainError || isStaleLease(error)
        if (!superseded || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }

  open(roomId: string): Promise<OpenRoom | undefined> {
    return this.#inTurn(roomId, () => this.#opened(roomId))
  }

  /**
   * Does `work` while nothing is written to the room: what was submitted before is committed, and what comes later
   * waits. Undefined when this server has no part in the room, or a write of unknown fate is left.
   */
  quietly<Result>(roomId: string, work: (room: OpenRoom) => Promise<Result>): Promise<Result | undefined> {
    return this.#inTurn(roomId, async () => {
      await Promise.all(this.#underWay.get(roomId) ?? [])
      const room = await this.#opened(roomId)
      return room && !room.busy && !room.head.lease.broken ? work(room) : undefined
    })
  }

  /** Keeps states of a room, which nothing that is stored may name yet, from being collected for a while. */
  keepRoots(roomId: string, roots: Iterable<StateRoot>): void {
    for (const root of roots) this.#learnt.set(root, roomId)
  }

  /** States of a room that `learn-state` intents stored lately, which the next intents may build on. */
  learntRoots(roomId: string): StateRoot[] {
    return [...this.#learnt.entries()].flatMap(([root, learntIn]) => (learntIn === roomId ? [root] : []))
  }

  async #prepare(roomId: string, intent: RoomIntent): Promise<{ committed: Promise<WriteResult> }> {
    const known = await this.#opened(roomId)
    try {
      const { room, committed } = await handleIntent(this.#services, roomId, known, intent)
      if (room !== known) this.#open.set(roomId, Promise.resolve(room))
      this.#follow(roomId, room, committed)
      return { committed }
    } catch (error) {
      if (!leavesHeadAsItWas(error)) this.#close(roomId, known)
      throw error
    }
  }

  /** Sees a commit to its end. */
  #follow(roomId: string, room: OpenRoom, committed: Promise<WriteResult>): void {
    const underWay = this.#underWay.get(roomId) ?? new Set()
    this.#underWay.set(roomId, underWay)
    const end: Promise<void> = committed
      .then(
        ({ stateRoot }) => void (stateRoot !== undefined && this.#learnt.set(stateRoot, roomId)),
        (error: unknown) => void (leavesHeadAsItWas(error) || this.#close(roomId, room)),
      )
      .then(() => {
        underWay.delete(end)
        if (underWay.size === 0) this.#underWay.delete(roomId)
      })
    underWay.add(end)
  }

  #opened(roomId: string): Promise<OpenRoom | undefined> {
    const opened = this.#open.get(roomId)
    if (opened) return opened
    const opening = openRoom(this.#services, roomId)
    this.#open.set(roomId, opening)
    const forget = (): void => void (this.#open.get(roomId) === opening && this.#open.delete(roomId))
    opening.then((room) => room ?? forget(), forget)
    return opening
  }

  /** A head that a failed write was planned on is discarded with everything built on it (DESIGN §3.2). */
  #close(roomId: string, room: OpenRoom | undefined): void {
    if (!room) return
    room.head.lease.broken = true
    this.#open.delete(roomId)
  }

  #inTurn<Result>(roomId: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(roomId) ?? Promise.resolve()
    const turn = before.then(work, work)
    const tail = turn
      .catch(() => undefined)
      .finally(() => {
        if (this.#tails.get(roomId) === tail) this.#tails.delete(roomId)
      })
    this.#tails.set(roomId, tail)
    return turn
  }
}

/** A refusal, or causes or a signature to be fetched first: nothing that was planned has failed. */
function leavesHeadAsItWas(error: unknown): boolean {
  return (
    error instanceof MatrixError ||
    error instanceof MissingCausesError ||
    error instanceof PolicySignatureNeededError
  )
}
