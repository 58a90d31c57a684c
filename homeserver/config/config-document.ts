import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml'
import { ConfigError } from './config-error.ts'

type Path = readonly PropertyKey[]

/** A parsed configuration file that knows on which line each key is. */
export interface ConfigDocument {
  /** The file's keys and values, those without a value left out. */
  readonly values: Record<string, unknown>
  /** Whether there is such a key, with a value or without. */
  has(...path: Path): boolean
  /** The line of the key at that path, or of the nearest one above it. */
  lineOf(path: Path): number
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, withoutNulls(entry)]),
  )
}

function keyNode(document: Document, path: Path): Node | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  const last = path.at(-1)
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(last))
    return isScalar(pair?.key) ? pair.key : undefined
  }
  const node = document.getIn(path, true)
  return isScalar(node) || isMap(node) ? node : undefined
}

/**
 * Reads YAML as Synapse does (version 1.1, in which `on` and `off` are booleans); a key without a value counts as
 * absent.
 *
 * @param name the file's name, for messages.
 * @throws ConfigError with file and line when it is no YAML, or no map.
 */
export function parseConfigDocument(text: string, name: string): ConfigDocument {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, version: '1.1', prettyErrors: false })
  const error = document.errors[0]
  if (error)
    throw new ConfigError(`${name}, line ${lineCounter.linePos(error.pos[0]).line}: ${error.message}.`)
  const values = withoutNulls(document.toJS() ?? {})
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new ConfigError(`${name}: the file must hold keys with values, such as "server_name: example.org".`)
  }
  return {
    values: values as Record<string, unknown>,
    has: (...path) => document.hasIn(path),
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const range = keyNode(document, path.slice(0, length))?.range
        if (range) return lineCounter.linePos(range[0]).line
      }
      return 1
    },
  }
}
