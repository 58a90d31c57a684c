import { timingSafeEqual } from 'node:crypto'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { secretHash } from '../accounts/bearer-secrets.ts'
import { ServiceClient } from './client/service-client.ts'
import { ServiceQueries } from './client/query-services.ts'
import type { AppService } from './registration/app-service.ts'
import { ThirdPartyNetworks } from './third-party/third-party-networks.ts'

/** Told of what requests do that concerns application services. */
export interface AppServiceListener {
  aliasesChanged(roomNid: RoomNid): void
  heardFrom(service: AppService): void
}

/** The application services of this server, by what requests know of them. */
export class AppServices {
  readonly all: readonly AppService[]
  readonly client = new ServiceClient()
  readonly queries: ServiceQueries
  readonly thirdParty: ThirdPartyNetworks
  /** Added to before the server serves. */
  readonly listeners: AppServiceListener[] = []
  readonly #byToken: ReadonlyMap<string, AppService>

  constructor(services: readonly AppService[]) {
    this.all = services
    const reachable = services.filter(({ url }) => url !== undefined)
    this.queries = new ServiceQueries(this.client, reachable)
    this.thirdParty = new ThirdPartyNetworks(this.client, reachable)
    this.#byToken = new Map(services.map((service) => [service.asTokenHash.toString('base64'), service]))
  }

  /** The service whose `as_token` this is. It is looked up by its hash, so that timing tells nothing of it. */
  byToken(token: string): AppService | undefined {
    if (this.all.length === 0) return undefined
    const hash = secretHash(token)
    const service = this.#byToken.get(hash.toString('base64'))
    return service && timingSafeEqual(service.asTokenHash, hash) ? service : undefined
  }

  /** The aliases of a room have changed. */
  aliasesChanged(roomNid: RoomNid): void {
    for (const listener of this.listeners) listener.aliasesChanged(roomNid)
  }

  /** A service has shown that it is there. */
  heardFrom(service: AppService): void {
    for (const listener of this.listeners) listener.heardFrom(service)
  }

  byId(id: string): AppService | undefined {
    return this.all.find((service) => service.id === id)
  }

  /** Whether a user is in the namespace of some application service. */
  isOfService(userId: string): boolean {
    return this.all.some(({ namespaces }) => namespaces.hasUser(userId))
  }

  /** Whether a user belongs to some application service alone. */
  isReserved(userId: string): boolean {
    return this.all.some(({ namespaces }) => namespaces.ownsUser(userId))
  }

  /**
   * Keeps everybody out of what belongs to an application service alone, and each service within what it has.
   *
   * @param by the service that wants to make the user; undefined for people.
   * @throws MatrixError 400 M_EXCLUSIVE.
   */
  requireUser(userId: string, by: AppService | undefined): void {
    if (by && !by.namespaces.hasUser(userId)) throw outside('This user name')
    if (this.all.some((service) => service !== by && service.namespaces.ownsUser(userId))) {
      throw reserved('This user name')
    }
  }

  /** As `requireUser`, for making and deleting an alias. */
  requireAlias(alias: string, by: AppService | undefined): void {
    if (by && !by.namespaces.hasAlias(alias)) throw outside('This alias')
    if (this.all.some((service) => service !== by && service.namespaces.ownsAlias(alias))) {
      throw reserved('This alias')
    }
  }
}

function outside(what: string): MatrixError {
  return new MatrixError(400, 'M_EXCLUSIVE', `${what} is outside the namespace of the application service`)
}

function reserved(what: string): MatrixError {
  return new MatrixError(400, 'M_EXCLUSIVE', `${what} is reserved for an application service`)
}
