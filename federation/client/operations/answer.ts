import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { FederationRequestError } from '../transport/federation-request-error.ts'

/** Reads the answer of a server, key by key, and refuses what has not the shape that the specification gives it. */
export class Answer {
  readonly #destination: string
  readonly #object: JsonObject

  constructor(destination: string, object: JsonObject) {
    this.#destination = destination
    this.#object = object
  }

  /** The value of a key, whatever it is. */
  value(key: string): JsonValue | undefined {
    return ownValue(this.#object, key)
  }

  object(key: string): JsonObject {
    const value = this.value(key)
    return isJsonObject(value) ? value : this.#refuse(key, 'an object')
  }

  string(key: string): string {
    const value = this.value(key)
    return typeof value === 'string' ? value : this.#refuse(key, 'a string')
  }

  optionalString(key: string): string | undefined {
    return this.value(key) === undefined ? undefined : this.string(key)
  }

  optionalInteger(key: string): number | undefined {
    const value = this.value(key)
    if (value === undefined) return undefined
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.#refuse(key, 'an integer')
  }

  /** An array of at most so many items, whatever they are. */
  array(key: string, maxItems: number): JsonValue[] {
    const value = this.value(key)
    if (!Array.isArray(value)) return this.#refuse(key, 'an array')
    return value.length <= maxItems ? value : this.#refuse(key, `an array of at most ${maxItems} items`)
  }

  objects(key: string, maxItems: number): JsonObject[] {
    return this.array(key, maxItems).map((item) =>
      isJsonObject(item) ? item : this.#refuse(key, 'of objects'),
    )
  }

  strings(key: string, maxItems: number): string[] {
    return this.array(key, maxItems).map((item) =>
      typeof item === 'string' ? item : this.#refuse(key, 'of strings'),
    )
  }

  #refuse(key: string, wanted: string): never {
    throw new FederationRequestError(this.#destination, 'bad-answer', `${key} of the answer is not ${wanted}`)
  }
}
