import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { possibleTexts } from './possible-texts.ts'
import { readModule, type SourceModule } from './source-module.ts'

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..', '..')

/** Where the server's own code is. */
const FOLDERS = '{client-api,federation,homeserver,e2ee}/**/*.ts'
const OF_TESTS = /\.test\.ts$|(^|\/)test-[\w-]+(\/|\.ts$)/
/** Where what an endpoint does is written; what is imported from elsewhere are its tools. */
const HANDLER_FOLDERS = /^(client-api|federation|e2ee)\/(?!http\/|inbound\/signed-endpoint\.ts$)/
const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'patch'])

/** An endpoint as the source declares it. */
export interface DeclaredEndpoint {
  readonly method: string
  /** With its parameters: `/_matrix/client/v3/rooms/:roomId/leave`. */
  readonly pattern: string
  /** The file that does what the endpoint is for, from the checkout. */
  readonly file: string
}

/** Every endpoint that the server's source declares. @throws Error for a pattern that cannot be read from there. */
export function declaredEndpoints(): DeclaredEndpoint[] {
  return sourceFiles()
    .flatMap((path) => endpointsOf(readModule(join(ROOT, path))))
    .sort((a, b) => compare(a.pattern, b.pattern) || compare(a.method, b.method))
}

/** The paths of the server's source from the checkout, tests left out. */
export function sourceFiles(): string[] {
  return globSync(FOLDERS, { cwd: ROOT }).filter((path) => !OF_TESTS.test(path))
}

function endpointsOf(module: SourceModule): DeclaredEndpoint[] {
  if (!module.imports.has('declareRoutes') && !module.imports.has('Routes')) return []
  const found: DeclaredEndpoint[] = []
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit)
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
    const method = node.expression.name.text
    const [pattern, handler] = node.arguments
    if (!METHODS.has(method) || !pattern || !handler || !isRoutes(node.expression.expression, module)) return
    const patterns = possibleTexts(pattern, module)
    if (!patterns) {
      const { line } = module.tree.getLineAndCharacterOfPosition(pattern.getStart())
      throw new Error(
        `${module.path}:${line + 1}: write the pattern as a text, a constant or a loop over a list`,
      )
    }
    const file = relative(ROOT, handlerFile(handler, module) ?? module.path)
    found.push(...patterns.map((text) => ({ method: method.toUpperCase(), pattern: text, file })))
  }
  visit(module.tree)
  return found
}

/** Whether a chain of calls begins with `declareRoutes()` or with something of type `Routes`. */
function isRoutes(expression: ts.Expression, module: SourceModule): boolean {
  let start = expression
  while (ts.isCallExpression(start) && ts.isPropertyAccessExpression(start.expression)) {
    start = start.expression.expression
  }
  if (ts.isCallExpression(start)) return start.expression.getText() === 'declareRoutes'
  if (!ts.isIdentifier(start)) return false
  if (module.parameters.get(start.text) === 'Routes') return true
  const definition = module.definitions.get(start.text)
  return definition !== undefined && definition !== start && isRoutes(definition, module)
}

/** The file of the function that makes the handler, which is called, or named, somewhere inside the wrappings. */
function handlerFile(expression: ts.Expression, module: SourceModule): string | undefined {
  if (ts.isIdentifier(expression)) {
    const imported = module.imports.get(expression.text)
    return imported && HANDLER_FOLDERS.test(relative(ROOT, imported.path)) ? imported.path : undefined
  }
  if (!ts.isCallExpression(expression)) return undefined
  const inner = expression.arguments.toReversed().map((argument) => handlerFile(argument, module))
  return handlerFile(expression.expression, module) ?? inner.find((path) => path !== undefined)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
