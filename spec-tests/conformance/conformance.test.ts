import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recordRoutes } from '../hostile/support/declared-routes.ts'
import { startTestServer } from '../support/test-server.ts'
import { PAGE_FILE, tableSources } from './conformance-page.ts'
import { declaredEndpoints } from './declared-endpoints.ts'
import { nameOf, reasonedOperations } from './reasons.ts'
import { conformanceTable, unexplained } from './table.ts'

test('docs/conformance.md is what `npm run conformance` writes', () => {
  const sources = tableSources()
  expect(unexplained(sources)).toEqual([])
  expect(readFileSync(PAGE_FILE, 'utf8'), 'run `npm run conformance`').toBe(conformanceTable(sources))
})

test('reasons are given for operations that there are', () => {
  const known = new Set(tableSources().operations.map(nameOf))
  expect(reasonedOperations().filter((name) => !known.has(name))).toEqual([])
})

/** Endpoints that a server has only under a configuration that names them, as `METHOD pattern`. */
const BY_CONFIGURATION: ReadonlySet<string> = new Set(['POST /_matrix/policy/v1/sign'])

test('the source tells of every route that a server declares, and of no other', async () => {
  const { result: server, endpoints } = await recordRoutes(() =>
    startTestServer({ config: { enable_thread_subscriptions: true } }),
  )
  await server.close()
  const served = endpoints.map(({ method, pattern }) => `${method} ${pattern}`)
  const inSource = declaredEndpoints().map(({ method, pattern }) => `${method} ${pattern}`)
  expect(served.filter((name) => !name.startsWith('HEAD ') && !inSource.includes(name))).toEqual([])
  expect(inSource.filter((name) => !served.includes(name) && !BY_CONFIGURATION.has(name))).toEqual([])
})
