import type { DeclaredEndpoint } from './declared-endpoints.ts'
import { isOutbound, type Operation } from './operations.ts'
import type { OutboundCalls } from './outbound-calls.ts'
import { isRefused, nameOf, reasonOf } from './reasons.ts'
import type { TestedBy } from './tested-by.ts'

/** What the table is made from. */
export interface TableSources {
  readonly operations: readonly Operation[]
  readonly endpoints: readonly DeclaredEndpoint[]
  readonly testedBy: TestedBy
  readonly outbound: OutboundCalls
}

/** An operation with what became of it. */
interface Row {
  readonly operation: Operation
  readonly file: string | undefined
  readonly tests: readonly string[]
}

const APIS = [
  ['CS', 'Client-server API'],
  ['SS', 'Server-server API'],
  ['AS', 'Application service API, which this server calls'],
  ['PUSH', 'Push gateway API, which this server calls'],
] as const

/** The operations without an endpoint or a reason for having none. */
export function unexplained({ operations, ...sources }: TableSources): string[] {
  return rowsOf({ operations, ...sources })
    .filter(({ file, operation }) => file === undefined && reasonOf(operation) === undefined)
    .map(({ operation }) => nameOf(operation))
}

/** The text of `docs/conformance.md`. */
export function conformanceTable(sources: TableSources): string {
  const rows = rowsOf(sources)
  const parts = APIS.map(([api, title]) =>
    section(
      title,
      rows.filter(({ operation }) => operation.api === api),
    ),
  )
  return `# Conformance

Every operation of the Matrix specification 1.19 (that of identity servers apart), with the file that implements it
and tests in which it succeeds. \`npm run conformance\` writes this page from the routes that the code declares; with
\`RECORD_CONFORMANCE=<directory>\` set for \`npm test\` and for it, it takes the names of the tests from that run.

${parts.join('\n')}
${beyond(sources)}`
}

function rowsOf({ operations, endpoints, testedBy, outbound }: TableSources): Row[] {
  const byShape = new Map(endpoints.map((endpoint) => [shape(endpoint.method, endpoint.pattern), endpoint]))
  return operations.map((operation) => {
    if (isOutbound(operation)) {
      return { operation, file: outbound.callerOf(operation), tests: outbound.testsOf(operation).slice(0, 2) }
    }
    const endpoint = byShape.get(shape(operation.method, operation.path))
    if (!endpoint || isRefused(operation)) {
      return { operation, file: undefined, tests: [] }
    }
    const tests = testedBy.get(`${endpoint.method} ${endpoint.pattern}`) ?? []
    return { operation, file: endpoint.file, tests }
  })
}

/** A method and a path whatever its parameters are called. */
function shape(method: string, path: string): string {
  return `${method} ${path.trim().replace(/\{\w+\}|:\w+/g, '{}')}`
}

function section(title: string, rows: readonly Row[]): string {
  const done = rows.filter(({ file }) => file !== undefined).length
  const modules = [...Map.groupBy(rows, ({ operation }) => operation.module)].map(
    ([module, its]) =>
      `### ${module}\n\n${table(['operation', 'implemented in', 'tested by'], its.map(cells))}`,
  )
  return `## ${title}\n\n${done} of ${rows.length} operations.\n\n${modules.join('\n')}`
}

function cells({ operation, file, tests }: Row): string[] {
  const { method, path, deprecated } = operation
  const name = `\`${method} ${path}\`${deprecated ? ' (deprecated)' : ''}`
  if (file === undefined) return [name, `**no**: ${reasonOf(operation) ?? 'nobody has said why'}`, '']
  return [name, file, tests.join(', ')]
}

/** The endpoints that no operation of the specification asks for. */
function beyond({ operations, endpoints, testedBy }: TableSources): string {
  const known = new Set(operations.map(({ method, path }) => shape(method, path)))
  const rows = endpoints
    .filter(({ method, pattern }) => !known.has(shape(method, pattern)))
    .map(({ method, pattern, file }) => {
      const tests = testedBy.get(`${method} ${pattern}`) ?? []
      return [`\`${method} ${pattern}\``, file, tests.join(', ')]
    })
  return `## Beyond the specification

Proposals, older forms and the administration API of Synapse. Every \`v3\` path of the client API is served under \`r0\`
too.

${table(['endpoint', 'implemented in', 'tested by'], rows)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  return `${lines.join('\n')}\n`
}
