import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { AppService } from '../registration/app-service.ts'
import { isSuccess, type ServiceClient } from './service-client.ts'

/** A service makes the room or the user before it answers, and somebody waits. */
const TIMEOUT_MS = 20_000
/** A service that is being restarted is there again at the second try. */
const ATTEMPTS = 2

/** Asks services for what this server does not know yet (application service API, "Querying"). */
export class ServiceQueries {
  readonly #client: ServiceClient
  readonly #services: readonly AppService[]

  /** @param services those with an address. */
  constructor(client: ServiceClient, services: readonly AppService[]) {
    this.#client = client
    this.#services = services
  }

  /**
   * Whether a service has made the room of an alias.
   *
   * @throws MatrixError 408 M_UNKNOWN when those who could know do not answer.
   */
  hasAlias(alias: string): Promise<boolean> {
    const services = this.#services.filter(({ namespaces }) => namespaces.hasAlias(alias))
    return this.#ask(services, '/_matrix/app/v1/rooms/', alias)
  }

  /** Whether a service has made a user. @throws MatrixError as `hasAlias`. */
  hasUser(userId: string): Promise<boolean> {
    const services = this.#services.filter(({ namespaces }) => namespaces.hasUser(userId))
    return this.#ask(services, '/_matrix/app/v1/users/', userId)
  }

  async #ask(services: readonly AppService[], place: string, id: string): Promise<boolean> {
    const path = place + encodeURIComponent(id)
    let silent = false
    for (const service of services) {
      const status = await this.#statusOf(service, path)
      if (status !== undefined && isSuccess({ status })) return true
      silent ||= status === undefined
    }
    if (silent)
      throw new MatrixError(408, 'M_UNKNOWN', 'The bridge that would know does not answer; try again')
    return false
  }

  /** Undefined for a service that does not answer. */
  async #statusOf(service: AppService, path: string): Promise<number | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const call = {
        method: 'GET' as const,
        path,
        legacyPath: path.replace('/_matrix/app/v1', ''),
        timeoutMs: TIMEOUT_MS,
      }
      const answer = await this.#client.call(service, call).catch(() => undefined)
      if (answer) return answer.status
    }
    return undefined
  }
}
