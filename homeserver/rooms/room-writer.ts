import { LRUCache } from 'lru-cache'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { BrokenChainError } from '../../storage/position/committer.ts'
import { isStaleLease } from '../../storage/position/database-error.ts'
import { handleIntent } from './handle-intent.ts'
import { MissingCausesError } from './judge-received.ts'
import type { OpenRoom } from './open-room.ts'
import { openRoom } from './open-stored-room.ts'
import type { RoomIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'
import type { WriteResult } from './write-result.ts'

/** A head that keeps breaking is a fault of the database, not a race. */
const MAX_ATTEMPTS = 5
/** Idle rooms beyond these are opened again when somebody writes. */
const MAX_OPEN_ROOMS = 10_000

/** Everything that changes a room goes through here (DESIGN §2). */
export interface RoomWriter {
  /**
   * Writes to a room, after everything that was submitted to it before. Resolves after the commit.
   *
   * @throws MatrixError when the rules refuse it; `MissingCausesError` when causes of a received event are not here.
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

  async #prepare(roomId: string, intent: RoomIntent): Promise<{ committed: Promise<WriteResult> }> {
    const known = await this.#opened(roomId)
    try {
      const { room, committed } = await handleIntent(this.#services, roomId, known, intent)
      if (room !== known) this.#open.set(roomId, Promise.resolve(room))
      committed.catch((error: unknown) => leavesHeadAsItWas(error) || this.#close(roomId, room))
      return { committed }
    } catch (error) {
      if (!leavesHeadAsItWas(error)) this.#close(roomId, known)
      throw error
    }
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

/** A refusal, or causes to be fetched first: nothing that was planned has failed. */
function leavesHeadAsItWas(error: unknown): boolean {
  return error instanceof MatrixError || error instanceof MissingCausesError
}
