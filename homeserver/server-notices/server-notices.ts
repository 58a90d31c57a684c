import { sha256 } from '../../protocol/crypto/sha256.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import { deviceScope } from '../accounts/device-scope.ts'
import type { ServerNoticesConfig } from '../config/sections/server-notices.ts'
import { RateLimiter } from '../rate-limits/rate-limiter.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import type { DeviceActor } from '../rooms/actions/actor.ts'
import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { submitDraft } from '../rooms/actions/submit-draft.ts'
import type { RequestIdentity } from '../rooms/room-intent.ts'
import { OneAtATime } from '../turns/one-at-a-time.ts'
import { openNoticeRoom } from './notice-room.ts'
import { noticesUser } from './notices-user.ts'

/** What an administrator says to a user. */
export interface Notice {
  readonly userId: string
  readonly type: string
  /** Undefined for what is not state. */
  readonly stateKey: string | undefined
  readonly content: JsonObject
}

/** Sends the server's notices to its users, each in a room of their own. */
export class ServerNotices {
  readonly #actions: RoomActions
  readonly #config: ServerNoticesConfig | undefined
  /** One after another for a user, so that there is one room. */
  readonly #turns = new OneAtATime()

  /** @param config undefined where the server sends no notices. */
  constructor(actions: RoomActions, config: ServerNoticesConfig | undefined) {
    // Many users may be told at once, and nobody but administrators tells them.
    this.#actions = { ...actions, limits: unlimited(actions.limits) }
    this.#config = config
  }

  /**
   * Sends a notice. The same request of an administrator's device, by its transaction id, sends it once.
   *
   * @returns the event's id.
   * @throws MatrixError 400 M_UNKNOWN where there are no notices, 404 M_NOT_FOUND for who has no account here.
   */
  async send(administrator: DeviceActor, notice: Notice, txnId?: string): Promise<string> {
    const config = this.#config
    if (!config) throw new MatrixError(400, 'M_UNKNOWN', 'This server sends no notices; see server_notices')
    if (txnId === undefined) return this.#deliver(config, notice)
    const request: RequestIdentity = {
      userNid: administrator.userNid,
      deviceId: deviceScope(administrator.deviceId),
      requestHash: Buffer.from(sha256(JSON.stringify(['server-notice', txnId]))).toString('hex'),
    }
    return this.#actions.requests.once(request, txnId, () => this.#deliver(config, notice, request))
  }

  async #deliver(config: ServerNoticesConfig, notice: Notice, request?: RequestIdentity): Promise<string> {
    const { services } = this.#actions
    const account = await findAccount(services.queries, notice.userId)
    if (!account || account.deactivated) {
      throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such user on this server')
    }
    const sender = await noticesUser(services, config)
    const roomId = await this.#turns.take(account.userId, () =>
      openNoticeRoom(this.#actions, config, sender, account),
    )
    const { type, stateKey, content } = notice
    return submitDraft(this.#actions, roomId, { type, stateKey, content, sender: sender.userId }, request)
  }
}

function unlimited(limits: RateLimits): RateLimits {
  const free = { perSecond: Number.MAX_SAFE_INTEGER, burstCount: Number.MAX_SAFE_INTEGER }
  const entries = Object.keys(limits).map((name) => [name, new RateLimiter(free)])
  return Object.fromEntries(entries) as RateLimits
}
