import { LRUCache } from 'lru-cache'
import { JsonSyntaxError, parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import type { AppService } from '../registration/app-service.ts'
import { isSuccess, type ServiceClient } from '../client/service-client.ts'
import { readProtocol } from './read-protocol.ts'

/** Somebody waits in front of a list. */
const TIMEOUT_MS = 10_000
/** What a network looks like changes with the configuration of its bridge. */
const PROTOCOL_LIFETIME_MS = 10 * 60_000
const MAX_PROTOCOLS = 1_000
/** Of all services together, in one answer. */
const MAX_FOUND = 1_000

/** What can be found in third-party networks, with the key that names it on Matrix. */
export type ThirdPartyKind = 'location' | 'user'

/** Where it is searched; without the slash, where it is looked up. */
const SEARCHED_AT: Readonly<Record<ThirdPartyKind, string>> = {
  location: '/_matrix/app/v1/thirdparty/location/',
  user: '/_matrix/app/v1/thirdparty/user/',
}

const NAMED_BY: Readonly<Record<ThirdPartyKind, string>> = { location: 'alias', user: 'userid' }

/** Looks into the networks that application services bridge (application service API, "Third-party networks"). */
export class ThirdPartyNetworks {
  readonly #client: ServiceClient
  readonly #services: readonly AppService[]
  readonly #protocols = new LRUCache<string, JsonObject>({ max: MAX_PROTOCOLS, ttl: PROTOCOL_LIFETIME_MS })

  /** @param services those with an address. */
  constructor(client: ServiceClient, services: readonly AppService[]) {
    this.#client = client
    this.#services = services
  }

  /** Every protocol that some service knows and tells of. */
  async protocols(): Promise<JsonObject> {
    const names = [...new Set(this.#services.flatMap(({ protocols }) => protocols))]
    const found = await Promise.all(names.map(async (name) => [name, await this.protocol(name)] as const))
    return Object.fromEntries(found.flatMap(([name, protocol]) => (protocol ? [[name, protocol]] : [])))
  }

  /** A protocol, the instances of all services that bridge it together; undefined where nobody tells of it. */
  async protocol(name: string): Promise<JsonObject | undefined> {
    const told = await Promise.all(this.#speaking(name).map((service) => this.#protocolOf(service, name)))
    const [first, ...others] = told.filter((protocol) => protocol !== undefined)
    if (!first) return undefined
    return { ...first, instances: [first, ...others].flatMap((protocol) => instancesIn(protocol)) }
  }

  /** Whether some service bridges a protocol. */
  knows(protocol: string): boolean {
    return this.#speaking(protocol).length > 0
  }

  /** What the services of a protocol find by its fields. */
  search(kind: ThirdPartyKind, protocol: string, fields: URLSearchParams): Promise<JsonObject[]> {
    const path = SEARCHED_AT[kind] + encodeURIComponent(protocol)
    return this.#find(this.#speaking(protocol), kind, path, fields)
  }

  /** What stands behind an alias or a user. */
  lookUp(kind: ThirdPartyKind, id: string): Promise<JsonObject[]> {
    const services = this.#services.filter(({ namespaces }) =>
      kind === 'location' ? namespaces.hasAlias(id) : namespaces.hasUser(id),
    )
    return this.#find(
      services,
      kind,
      SEARCHED_AT[kind].slice(0, -1),
      new URLSearchParams({ [NAMED_BY[kind]]: id }),
    )
  }

  #speaking(protocol: string): AppService[] {
    return this.#services.filter(({ protocols }) => protocols.includes(protocol))
  }

  async #protocolOf(service: AppService, name: string): Promise<JsonObject | undefined> {
    const key = JSON.stringify([service.id, name])
    const known = this.#protocols.get(key)
    if (known) return known
    const told = await this.#get(service, `/_matrix/app/v1/thirdparty/protocol/${encodeURIComponent(name)}`)
    const protocol = told === undefined ? undefined : readProtocol(told, service.id)
    if (protocol) this.#protocols.set(key, protocol)
    return protocol
  }

  async #find(
    services: readonly AppService[],
    kind: ThirdPartyKind,
    path: string,
    query: URLSearchParams,
  ): Promise<JsonObject[]> {
    const answers = await Promise.all(services.map((service) => this.#get(service, path, query)))
    return answers
      .flatMap((answer) => (Array.isArray(answer) ? answer : []))
      .filter((found) => isJsonObject(found) && isFound(found, kind))
      .filter(isJsonObject)
      .slice(0, MAX_FOUND)
  }

  /** Undefined for what a service does not tell, for whatever reason: the others' answers count all the same. */
  async #get(
    service: AppService,
    path: string,
    query = new URLSearchParams(),
  ): Promise<JsonValue | undefined> {
    const legacyPath = path.replace('/app/v1/', '/app/unstable/')
    const call = { method: 'GET' as const, path, legacyPath, query, timeoutMs: TIMEOUT_MS }
    const answer = await this.#client.call(service, call).catch(() => undefined)
    if (!answer || !isSuccess(answer)) return undefined
    try {
      return parseJson(Buffer.from(answer.body))
    } catch (error) {
      if (error instanceof JsonSyntaxError) return undefined
      throw error
    }
  }
}

function isFound(found: JsonObject, kind: ThirdPartyKind): boolean {
  const texts = [ownValue(found, NAMED_BY[kind]), ownValue(found, 'protocol')]
  return texts.every((text) => typeof text === 'string') && isJsonObject(ownValue(found, 'fields'))
}

function instancesIn(protocol: JsonObject): readonly JsonValue[] {
  const instances = ownValue(protocol, 'instances')
  return Array.isArray(instances) ? instances : []
}
