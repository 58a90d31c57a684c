import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Queries } from '../../storage/database.ts'
import type { JobPayload } from '../../storage/jobs/job.ts'
import {
  deleteIdentityBinding,
  identityBindingsOf,
  putIdentityBinding,
  type IdentityBinding,
} from '../../storage/third-party-ids/identity-bindings.ts'
import type { LocalUser } from '../accounts/sessions.ts'
import type { ProvedSession, ThirdPartyId } from '../identity-service/identity-server.ts'
import type { IdentityService } from '../identity-service/identity-service.ts'
import type { JobRunner } from '../jobs/job-runner.ts'

const UNBIND = 'third-party-ids.unbind'

/** Whether an identity server has taken something back, in the words of the client-server API. */
export type UnbindResult = 'success' | 'no-support'

/** What it stands on. */
export interface IdentityBindingsOptions {
  readonly queries: Queries
  readonly jobs: JobRunner
  readonly identityService: IdentityService
}

/**
 * What users have had published at identity servers through this server. What is to be taken back is taken back: a job
 * goes on where the identity server is away.
 */
export class IdentityBindings {
  readonly #options: IdentityBindingsOptions

  /** Before the start of the jobs. */
  constructor(options: IdentityBindingsOptions) {
    this.#options = options
    options.jobs.register({
      kind: UNBIND,
      read: readBinding,
      handle: async (binding) => void (await this.#takeBack(binding, binding)),
    })
  }

  /**
   * Publishes what a session at an identity server has proved.
   *
   * @throws MatrixError 403 M_SERVER_NOT_TRUSTED for one that is not configured; what it says of the session.
   */
  async bind(
    user: LocalUser,
    idServer: string,
    idAccessToken: string,
    session: ProvedSession,
  ): Promise<void> {
    const { identityService, queries } = this.#options
    const id = await identityService.server(idServer).bind(idAccessToken, session, user.userId)
    await putIdentityBinding(queries, user.userNid, { ...id, idServer })
  }

  /**
   * Takes an identifier back from one identity server, or from those where it was published through us.
   *
   * @throws MatrixError 403 M_SERVER_NOT_TRUSTED; what the identity server says.
   */
  async unbind(user: LocalUser, id: ThirdPartyId, idServer: string | undefined): Promise<UnbindResult> {
    const published = await this.#published(user, id, idServer)
    let isGone = published.length > 0
    for (const binding of published) isGone = (await this.#takeBack(user, binding)) && isGone
    return isGone ? 'success' : 'no-support'
  }

  /** The same for an identifier that the account loses: an identity server that is away is asked again later. */
  async unbindRemoved(
    user: LocalUser,
    id: ThirdPartyId,
    idServer: string | undefined,
  ): Promise<UnbindResult> {
    return this.#unbindSurely(user, await this.#published(user, id, idServer))
  }

  /** Takes everything back that an account has published: it is being closed. */
  async unbindAll(user: LocalUser): Promise<UnbindResult> {
    const all = await identityBindingsOf(this.#options.queries, user.userNid)
    return all.length === 0 ? 'success' : this.#unbindSurely(user, all)
  }

  async #published(
    { userNid }: LocalUser,
    { medium, address }: ThirdPartyId,
    idServer: string | undefined,
  ): Promise<IdentityBinding[]> {
    if (idServer !== undefined) return [{ medium, address, idServer }]
    const all = await identityBindingsOf(this.#options.queries, userNid)
    return all.filter((binding) => binding.medium === medium && binding.address === address)
  }

  async #unbindSurely(user: LocalUser, published: readonly IdentityBinding[]): Promise<UnbindResult> {
    let isGone = published.length > 0
    for (const binding of published) {
      try {
        isGone = (await this.#takeBack(user, binding)) && isGone
      } catch (error) {
        if (!(error instanceof MatrixError)) throw error
        isGone = false
        if (error.errcode !== 'M_SERVER_NOT_TRUSTED') await this.#unbindLater(user, binding)
      }
    }
    return isGone ? 'success' : 'no-support'
  }

  /** Returns whether it is gone; one that is never taken back is forgotten as well. */
  async #takeBack(user: LocalUser, binding: IdentityBinding): Promise<boolean> {
    const { identityService, queries } = this.#options
    const isGone = await identityService.server(binding.idServer).unbind(binding, user.userId)
    await deleteIdentityBinding(queries, user.userNid, binding)
    return isGone
  }

  #unbindLater(
    { userNid, userId }: LocalUser,
    { medium, address, idServer }: IdentityBinding,
  ): Promise<void> {
    return this.#options.jobs.schedule({
      kind: UNBIND,
      key: JSON.stringify([userNid, medium, address, idServer]),
      payload: { userNid, userId, medium, address, idServer },
      runAt: Date.now(),
    })
  }
}

type BindingOfUser = IdentityBinding & LocalUser

function readBinding(payload: JobPayload): BindingOfUser {
  if (typeof payload !== 'object' || payload === null || !('idServer' in payload)) {
    throw new TypeError('no binding')
  }
  return {
    userNid: Number(payload['userNid']) as LocalUser['userNid'],
    userId: String(payload['userId']),
    medium: payload['medium'] === 'msisdn' ? 'msisdn' : 'email',
    address: String(payload['address']),
    idServer: String(payload['idServer']),
  }
}
