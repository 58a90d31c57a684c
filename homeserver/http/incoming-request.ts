import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { JsonSyntaxError, parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import { readBody } from './read-body.ts'

/** Room for the largest event (64 KiB) in any wrapping, key uploads and large filters; others name their own. */
const DEFAULT_MAX_BODY_BYTES = 1024 * 1024

/** Where a request came from and how it was matched. */
export interface RequestOrigin {
  readonly id: string
  readonly clientAddress: string
  readonly pattern: string
  readonly params: Readonly<Record<string, string | undefined>>
  readonly rawQuery: string
}

/** How a body is to be read. */
export interface BodyLimits {
  /** Bytes; 1 MiB when left out. The first reader of a request's body decides. */
  readonly maxBytes?: number
}

/** One request as endpoints see it. The body is read when first asked for. */
export class IncomingRequest {
  readonly message: IncomingMessage
  readonly #origin: RequestOrigin
  #query: URLSearchParams | undefined
  #bytes: Promise<Buffer> | undefined
  #json: JsonValue | undefined

  constructor(message: IncomingMessage, origin: RequestOrigin) {
    this.message = message
    this.#origin = origin
  }

  /** Names this request in the logs. */
  get id(): string {
    return this.#origin.id
  }

  /** IP address of the client, or what a trusted reverse proxy says it is. */
  get clientAddress(): string {
    return this.#origin.clientAddress
  }

  get method(): string {
    return this.message.method ?? 'GET'
  }

  /** The declared path, `/_matrix/client/v3/devices/:deviceId` for example. */
  get pattern(): string {
    return this.#origin.pattern
  }

  /** Path and query as sent. */
  get target(): string {
    return this.message.url ?? '/'
  }

  get headers(): IncomingHttpHeaders {
    return this.message.headers
  }

  /** A percent-decoded path parameter, free of U+0000. */
  param(name: string): string {
    const value = this.#origin.params[name]
    if (value === undefined) throw new TypeError(`${this.pattern} declares no parameter ${name}`)
    return value
  }

  /** The first query parameter of this name. @throws MatrixError 400 when it holds U+0000. */
  query(name: string): string | undefined {
    const value = this.#parameters().get(name) ?? undefined
    return value === undefined ? undefined : withoutNul(name, value)
  }

  /** All query parameters of this name, in order. */
  queryAll(name: string): string[] {
    return this.#parameters()
      .getAll(name)
      .map((value) => withoutNul(name, value))
  }

  /** The body's bytes. @throws MatrixError 413, 415 or 400, as `readBody`. */
  bytes(limits: BodyLimits = {}): Promise<Buffer> {
    return (this.#bytes ??= readBody(this.message, limits.maxBytes ?? DEFAULT_MAX_BODY_BYTES))
  }

  /** The body as JSON. @throws MatrixError 400 M_NOT_JSON when it is none. */
  async json(limits?: BodyLimits): Promise<JsonValue> {
    const bytes = await this.bytes(limits)
    if (this.#json === undefined) this.#json = parse(bytes)
    return this.#json
  }

  /** The body as a JSON object. @throws MatrixError 400 M_NOT_JSON, or M_BAD_JSON when it is another value. */
  async object(limits?: BodyLimits): Promise<JsonObject> {
    const value = await this.json(limits)
    if (!isJsonObject(value))
      throw new MatrixError(400, 'M_BAD_JSON', 'The request body must be a JSON object')
    return value
  }

  /** As `object`, for endpoints where clients leave the body out: an empty one is `{}`. */
  async optionalObject(limits?: BodyLimits): Promise<JsonObject> {
    const bytes = await this.bytes(limits)
    return bytes.length === 0 ? {} : this.object(limits)
  }

  #parameters(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#origin.rawQuery))
  }
}

function withoutNul(name: string, value: string): string {
  if (!value.includes('\0')) return value
  throw new MatrixError(400, 'M_INVALID_PARAM', `The parameter ${name} may not hold U+0000`)
}

function parse(bytes: Buffer): JsonValue {
  try {
    return parseJson(bytes)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new MatrixError(400, 'M_NOT_JSON', 'The request body is not valid JSON')
  }
}
