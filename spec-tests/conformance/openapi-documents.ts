import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The specification's OpenAPI documents, references resolved, where they lie beside the checkout. */
const DIRECTORY = join(import.meta.dirname, '..', '..', '..', 'shared', 'reference', 'openapi')

/** Those whose operations this server answers. */
const FILES = ['client-server.min.json', 'server-server.min.json'] as const

/** What a document says about an answer. */
export interface DeclaredResponse {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>
}

/** An operation: its answers by status. */
export interface DeclaredOperation {
  readonly operationId?: string
  readonly responses?: Readonly<Record<string, DeclaredResponse>>
}

/** A document as far as answers go: operations by path and lower-case method. */
export interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DeclaredOperation>>>>
}

/** Whether the documents are there. */
export const hasOpenapiDocuments = existsSync(DIRECTORY)

/** Reads them. */
export function readOpenapiDocuments(): readonly OpenapiDocument[] {
  return FILES.map((file) => JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8')) as OpenapiDocument)
}
