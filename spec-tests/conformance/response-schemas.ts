import formats from 'ajv-formats'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import FindMyWay, { type HTTPMethod } from 'find-my-way'
import type { ObservedAnswer } from './observed-answer.ts'
import type { DeclaredOperation, OpenapiDocument } from './openapi-documents.ts'
import { SCHEMA_EXCEPTIONS } from './schema-exceptions.ts'

interface Operation {
  /** `GET /_matrix/client/v3/rooms/{roomId}/state`. */
  readonly name: string
  readonly declared: DeclaredOperation
}

/** Client-server API, "Standard error response". */
const STANDARD_ERROR = {
  type: 'object',
  required: ['errcode', 'error'],
  properties: { errcode: { type: 'string' }, error: { type: 'string' } },
}

/** These answers tell of the token, not of the stages of authentication that the operation's own 401 lists. */
const TOKEN_ERRORS = /"errcode":"M_(MISSING|UNKNOWN)_TOKEN"/

/** Checks answers against the specification's schemas, which are compiled when first needed. */
export class ResponseSchemas {
  readonly #operations = FindMyWay({ maxParamLength: 10_000 })
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, logger: false })
  readonly #compiled = new Map<string, ValidateFunction>()
  readonly #standardError: ValidateFunction

  constructor(documents: readonly OpenapiDocument[]) {
    formats.default(this.#ajv)
    this.#standardError = this.#ajv.compile(STANDARD_ERROR)
    for (const [path, operations] of documents.flatMap(({ paths }) => Object.entries(paths))) {
      const pattern = path.trimEnd().replace(/\{(\w+)\}/g, ':$1')
      for (const [verb, declared] of Object.entries(operations)) {
        const method = verb.toUpperCase() as HTTPMethod
        const operation: Operation = { name: `${method} ${path}`, declared }
        if (!this.#operations.hasRoute(method, pattern)) {
          this.#operations.on(method, pattern, ignored, operation)
        }
      }
    }
  }

  /** What is wrong with an answer, a sentence a fault; nothing is wrong with what the specification does not know. */
  faultsOf(answer: ObservedAnswer): string[] {
    const [sent, query = ''] = answer.target.split('?')
    const path = sent!.replace(/^\/_matrix\/(client|media)\/r0\//, '/_matrix/$1/v3/')
    const found = this.#operations.find(answer.method as HTTPMethod, path)
    if (!found) return []
    const { name, declared } = found.store as Operation
    const validate = this.#validatorOf(name, declared, answer)
    if (validate === 'undeclared') return [`${name} ${answer.status}: the operation has no such answer`]
    if (!validate) return []
    let body: unknown
    try {
      body = JSON.parse(answer.text)
    } catch {
      return [`${name} ${answer.status}: the body is not JSON`]
    }
    if (validate(body)) return []
    return (validate.errors ?? [])
      .filter((error) => !isExcepted(name, query, error))
      .map((error) => `${name} ${answer.status} at ${error.instancePath || '/'}: ${complaintOf(error)}`)
  }

  #validatorOf(
    name: string,
    { responses = {} }: DeclaredOperation,
    { status, text }: ObservedAnswer,
  ): ValidateFunction | 'undeclared' | undefined {
    const response = responses[status]
    const schema = response?.content?.['application/json']?.schema
    if (status >= 400 && (!schema || (status === 401 && TOKEN_ERRORS.test(text)))) return this.#standardError
    if (!response) return status < 300 ? 'undeclared' : undefined
    if (!schema) return undefined
    const key = `${name} ${status}`
    let validate = this.#compiled.get(key)
    if (!validate) this.#compiled.set(key, (validate = this.#ajv.compile(schema)))
    return validate
  }
}

function isExcepted(operation: string, query: string, error: ErrorObject): boolean {
  const asked = [...new URLSearchParams(query)].map((parameter) => parameter.join('=')).join('&')
  return SCHEMA_EXCEPTIONS.some(
    (exception) =>
      (exception.operation === undefined || exception.operation === operation) &&
      (exception.asked === undefined || exception.asked.test(asked)) &&
      exception.at.test(error.instancePath) &&
      exception.complaint.test(complaintOf(error)),
  )
}

function complaintOf({ message, params, keyword }: ErrorObject): string {
  return `${message ?? keyword}${keyword === 'enum' || keyword === 'const' ? ` ${JSON.stringify(params)}` : ''}`
}

/** find-my-way wants a handler; operations are looked up only. */
function ignored(): void {}
