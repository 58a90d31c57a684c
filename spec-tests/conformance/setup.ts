import { join, relative } from 'node:path'
import { afterAll, afterEach, expect } from 'vitest'
import { AnswerLedger } from './answer-ledger.ts'
import { hasOpenapiDocuments, readOpenapiDocuments } from './openapi-documents.ts'
import { writeRecording } from './recording.ts'
import type { ResponseSchemas } from './response-schemas.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** Where tests talk to servers; elsewhere there is nothing to observe. */
const FOLDERS = /^(client-api|federation|homeserver|spec-tests|e2ee)\//

const testFile = relative(ROOT, expect.getState().testPath ?? '')

if (FOLDERS.test(testFile)) await observe()

/** Every answer of the file's tests is checked against the specification's schemas. */
async function observe(): Promise<void> {
  const { observeEndpoints } = await import('./observe-endpoints.ts')
  const { observeFetch } = await import('./observe-fetch.ts')
  const ledger = new AnswerLedger(loadSchemas)
  const ports = new Set<number>()
  observeEndpoints(ledger, ports)
  observeFetch(ledger, ports)
  afterEach(() => refuseFaults(ledger))
  afterAll(async () => {
    await refuseFaults(ledger)
    writeRecording(testFile, ledger.successes)
  })
}

let schemas: Promise<ResponseSchemas> | undefined

/** Most test files ask for no answer at all, and need not read a megabyte of schemas. */
async function loadSchemas(): Promise<ResponseSchemas | undefined> {
  if (!hasOpenapiDocuments) return undefined
  return (schemas ??= import('./response-schemas.ts').then(
    (module) => new module.ResponseSchemas(readOpenapiDocuments()),
  ))
}

async function refuseFaults(ledger: AnswerLedger): Promise<void> {
  const faults = await ledger.takeFaults()
  if (faults.length > 0)
    throw new Error(`answers that are not as the specification has them:\n${faults.join('\n')}`)
}
