import { LRUCache } from 'lru-cache'
import type { AppService } from '../registration/app-service.ts'

/** Users whose services are remembered, about 100 bytes each, so that expressions run once a user. */
const MAX_REMEMBERED = 100_000

/** Which application services a user belongs to. */
export class UserInterest {
  readonly #services: readonly AppService[]
  readonly #known = new LRUCache<string, readonly AppService[]>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: () => 1,
  })

  constructor(services: readonly AppService[]) {
    this.#services = services
  }

  /** The services that a user is the sender of, or in the namespace of. */
  of(userId: string): readonly AppService[] {
    const known = this.#known.get(userId)
    if (known) return known
    const services = this.#services.filter(({ namespaces }) => namespaces.hasUser(userId))
    this.#known.set(userId, services)
    return services
  }
}
