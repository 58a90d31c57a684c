import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** A source file with the names that its text defines. */
export interface SourceModule {
  readonly path: string
  readonly tree: ts.SourceFile
  /** Imported names by the file and the name there. */
  readonly imports: ReadonlyMap<string, { readonly path: string; readonly name: string }>
  /** What constants and the variables of `for … of` are made from. */
  readonly definitions: ReadonlyMap<string, ts.Expression>
  /** Names of parameters with the names of their types. */
  readonly parameters: ReadonlyMap<string, string>
}

/** An expression with the file in which its names mean something. */
export interface Definition {
  readonly expression: ts.Expression
  readonly module: SourceModule
}

const modules = new Map<string, SourceModule>()

/** Reads a file, once. */
export function readModule(path: string): SourceModule {
  const known = modules.get(path)
  if (known) return known
  const tree = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const imports = new Map<string, { path: string; name: string }>()
  const definitions = new Map<string, ts.Expression>()
  const parameters = new Map<string, string>()
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) importsOf(path, node, imports)
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      const isOfFile = ts.isSourceFile(node.parent.parent.parent)
      if (isOfFile || !definitions.has(node.name.text)) definitions.set(node.name.text, node.initializer)
    }
    if (ts.isForOfStatement(node) && ts.isVariableDeclarationList(node.initializer)) {
      const name = node.initializer.declarations[0]?.name
      if (name && ts.isIdentifier(name)) definitions.set(name.text, node.expression)
    }
    if (ts.isParameter(node) && ts.isIdentifier(node.name) && node.type) {
      parameters.set(node.name.text, node.type.getText(tree))
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  const module = { path, tree, imports, definitions, parameters }
  modules.set(path, module)
  return module
}

/** What a name stands for in a file, with the file that says so: names are imported from where they are defined. */
export function definitionOf(module: SourceModule, name: string): Definition | undefined {
  const imported = module.imports.get(name)
  if (imported) {
    return existsSync(imported.path) ? definitionOf(readModule(imported.path), imported.name) : undefined
  }
  const expression = module.definitions.get(name)
  return expression && { expression, module }
}

function importsOf(
  path: string,
  node: ts.ImportDeclaration,
  imports: Map<string, { path: string; name: string }>,
): void {
  const from = (node.moduleSpecifier as ts.StringLiteral).text
  const bindings = node.importClause?.namedBindings
  if (!from.startsWith('.') || !bindings || !ts.isNamedImports(bindings)) return
  for (const { name, propertyName } of bindings.elements) {
    imports.set(name.text, { path: join(dirname(path), from), name: (propertyName ?? name).text })
  }
}
