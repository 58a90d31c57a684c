import { expect, test } from 'vitest'
import { startTestServer } from '../support/test-server.ts'
import { AnswerLedger } from './answer-ledger.ts'
import { observeEndpoints } from './observe-endpoints.ts'
import { hasOpenapiDocuments, type OpenapiDocument } from './openapi-documents.ts'
import { ResponseSchemas } from './response-schemas.ts'

if (!hasOpenapiDocuments) {
  process.stderr.write(
    'answers are not checked against the specification, whose OpenAPI documents are not here\n',
  )
}

const WHOAMI = '/_matrix/client/v3/account/whoami'

function answering(schema: object): OpenapiDocument {
  return {
    paths: { [WHOAMI]: { get: { responses: { 200: { content: { 'application/json': { schema } } } } } } },
  }
}

const schemas = new ResponseSchemas([
  answering({ type: 'object', required: ['user_id'], properties: { user_id: { type: 'string' } } }),
])

function faultsOf(status: number, text: string, path = WHOAMI): string[] {
  return schemas.faultsOf({ method: 'GET', target: path, status, text })
}

test('an answer is held against the schema of its operation and status', () => {
  expect(faultsOf(200, '{"user_id":"@a:b","more":1}')).toEqual([])
  expect(faultsOf(200, '{"user_id":1}')).toEqual([`GET ${WHOAMI} 200 at /user_id: must be string`])
  expect(faultsOf(200, '{}')).toHaveLength(1)
  expect(faultsOf(200, '{}', WHOAMI.replace('v3', 'r0'))).toHaveLength(1)
  expect(faultsOf(200, 'x')).toEqual([`GET ${WHOAMI} 200: the body is not JSON`])
  expect(faultsOf(202, '{"user_id":"@a:b"}')).toEqual([`GET ${WHOAMI} 202: the operation has no such answer`])
  expect(faultsOf(200, 'x', '/_matrix/client/v3/unknown')).toEqual([])
})

test('a refusal that the operation says nothing about is a standard error', () => {
  expect(faultsOf(403, '{"errcode":"M_FORBIDDEN","error":"No"}')).toEqual([])
  expect(faultsOf(403, '{"error":"No"}')).toHaveLength(1)
})

test("what a server's own endpoints answer comes into the ledger", async () => {
  const strict = new ResponseSchemas([answering({ type: 'object', required: ['favourite_colour'] })])
  const ledger = new AnswerLedger(async () => strict)
  observeEndpoints(ledger, new Set())
  const server = await startTestServer()
  try {
    const alice = await server.register('alice')
    await alice.call('GET', '/account/whoami')
    await server.anonymous().request('GET', WHOAMI)
  } finally {
    await server.close()
  }
  expect(ledger.successes.get(`GET ${WHOAMI}`)).toBe(1)
  expect(await ledger.takeFaults()).toEqual([
    `GET ${WHOAMI} 200 at /: must have required property 'favourite_colour'`,
  ])
})
