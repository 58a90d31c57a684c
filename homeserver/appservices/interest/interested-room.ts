import type { AppService } from '../registration/app-service.ts'

/** The interest of application services in one room: by its names for good, by their joined users while they stay. */
export class InterestedRoom {
  readonly #always: ReadonlySet<AppService>
  readonly #members = new Map<string, readonly AppService[]>()
  readonly #counts = new Map<AppService, number>()
  #services: ReadonlySet<AppService>

  constructor(always: Iterable<AppService>) {
    this.#always = new Set(always)
    this.#services = this.#always
  }

  /** Who is interested. The set is replaced, never changed. */
  get services(): ReadonlySet<AppService> {
    return this.#services
  }

  /** Joined users of services. */
  get size(): number {
    return this.#members.size
  }

  /** A user of some services is in. */
  add(userId: string, services: readonly AppService[]): void {
    if (this.#members.has(userId)) return
    this.#members.set(userId, services)
    for (const service of services) this.#counts.set(service, (this.#counts.get(service) ?? 0) + 1)
    this.#renew()
  }

  /** The user is in no longer. */
  delete(userId: string): void {
    const services = this.#members.get(userId) ?? []
    this.#members.delete(userId)
    for (const service of services) {
      const left = this.#counts.get(service)! - 1
      if (left > 0) this.#counts.set(service, left)
      else this.#counts.delete(service)
    }
    this.#renew()
  }

  #renew(): void {
    this.#services = new Set([...this.#always, ...this.#counts.keys()])
  }
}
