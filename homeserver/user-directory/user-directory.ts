import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject, JsonValue } from '../../protocol/json/value.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { staleDirectoryUsers } from '../../storage/user-directory/directory-facts.ts'
import { findUsers, type FoundUser } from '../../storage/user-directory/directory-search.ts'
import type { AccountListener } from '../accounts/account-listener.ts'
import type { UserDirectoryConfig } from '../config/sections/search.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { StreamFollower } from '../stream/stream-follower.ts'
import { directoryQuery } from './directory-terms.ts'
import { followRooms, USER_DIRECTORY } from './follow-rooms.ts'
import { refreshUsers, type DirectoryServices } from './refresh-users.ts'

const RECONCILE = 'user-directory.reconcile'
/** Profiles are taken over when they change; this is for what a crash has kept from it. */
const RECONCILE_INTERVAL_MS = 24 * 3_600_000
const RECONCILE_BATCH = 500
/** A search waits so long for what happened before it, so that people find whom they have just met. */
const MAX_WAIT_MS = 1_000

/** Users as they were found. */
export interface FoundUsers {
  readonly results: readonly JsonObject[]
  /** Whether there are more. */
  readonly limited: boolean
}

/** Finds users by their names (client-server API, "User Directory"). */
export class UserDirectory {
  readonly listener: AccountListener
  readonly #services: DirectoryServices
  readonly #config: UserDirectoryConfig
  readonly #follower: StreamFollower
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(
    services: DirectoryServices,
    config: UserDirectoryConfig,
    onError: (error: unknown) => void,
  ) {
    this.#services = services
    this.#config = config
    const refresh = ({ userNid }: { readonly userNid: UserNid }): Promise<void> => this.#refresh([userNid])
    this.listener = { accountCreated: refresh, profileChanged: refresh, accountDeactivated: refresh }
    this.#follower = new StreamFollower({
      consumer: USER_DIRECTORY,
      queries: services.queries,
      committer: services.committer,
      onError,
      step: (after, until) => this.#inTurn(() => followRooms(services, after, until)),
    })
  }

  /** Opens the directory, which follows accounts and rooms from then on. Before the start of the jobs. */
  static async start(
    services: DirectoryServices,
    config: UserDirectoryConfig,
    jobs: JobRunner,
    onError: (error: unknown) => void,
  ): Promise<UserDirectory> {
    const directory = new UserDirectory(services, config, onError)
    jobs.register({
      kind: RECONCILE,
      read: () => null,
      handle: (_, { signal }) => directory.#reconcile(signal),
    })
    jobs.every(RECONCILE, RECONCILE_INTERVAL_MS)
    await directory.#follower.start()
    return directory
  }

  stop(): Promise<void> {
    return this.#follower.stop()
  }

  /**
   * Finds users whom the searcher may find: who shares a room with them or is in one that is open to all, and whom the
   * configuration adds.
   */
  async search(searcher: UserNid, term: string, limit: number): Promise<FoundUsers> {
    const query = directoryQuery(term)
    if (!query) return { results: [], limited: false }
    await this.#follower.caughtUp(MAX_WAIT_MS)
    const { queries } = this.#services
    const { parts, ...others } = query
    const search = {
      ...this.#config,
      ...others,
      parts: parts ?? query.beginnings,
      searcher,
    }
    const found = await findUsers(queries, search, 'beginnings', limit + 1)
    const isEnough = found.length > limit || parts === undefined
    const users = isEnough ? found : await findUsers(queries, search, 'parts', limit + 1)
    return { results: users.slice(0, limit).map(userJson), limited: users.length > limit }
  }

  #refresh(userNids: readonly UserNid[]): Promise<void> {
    return this.#inTurn(() => refreshUsers(this.#services, userNids))
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    for (let after: UserNid | undefined; !signal.aborted;) {
      const stale = await staleDirectoryUsers(this.#services.queries, after, RECONCILE_BATCH)
      await this.#refresh(stale)
      if (stale.length < RECONCILE_BATCH) return
      after = stale.at(-1)
    }
  }

  /** One after the other: what was read before another's change must not be written after it. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

function userJson({ userId, displayName, avatarUrl }: FoundUser): JsonObject {
  const name = textOf(displayName)
  const avatar = textOf(avatarUrl)
  return {
    user_id: userId,
    ...(name !== undefined && { display_name: name }),
    ...(avatar !== undefined && { avatar_url: avatar }),
  }
}

function textOf(json: string | null): string | undefined {
  const value: JsonValue | undefined = json === null ? undefined : parseJson(json)
  return typeof value === 'string' ? value : undefined
}
