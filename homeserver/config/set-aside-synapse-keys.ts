import type { ConfigDocument } from './config-document.ts'
import { SYNAPSE_ONLY_KEYS } from './synapse-only-keys.ts'

type Path = (string | number)[]

/** Listener types of Synapse that are not a way to reach the server. */
const FOREIGN_LISTENERS: ReadonlySet<unknown> = new Set(['manhole', 'replication'])

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function advice(path: Path): string | undefined {
  const dotted = path.map((part) => (typeof part === 'number' ? '*' : part)).join('.')
  return Object.hasOwn(SYNAPSE_ONLY_KEYS, dotted) ? SYNAPSE_ONLY_KEYS[dotted] : undefined
}

function strip(value: unknown, path: Path, found: (path: Path, sentence: string) => void): unknown {
  if (Array.isArray(value)) {
    return value.flatMap((entry, index) => {
      const here = [...path, index]
      if (
        path.length === 1 &&
        path[0] === 'listeners' &&
        isRecord(entry) &&
        FOREIGN_LISTENERS.has(entry['type'])
      ) {
        found(here, `Meridian has no listener of type ${String(entry['type'])}; remove it`)
        return []
      }
      return [strip(entry, here, found)]
    })
  }
  if (!isRecord(value)) return value
  const kept: [string, unknown][] = []
  for (const [key, entry] of Object.entries(value)) {
    const here = [...path, key]
    const sentence = advice(here)
    if (sentence === undefined) kept.push([key, strip(entry, here, found)])
    else found(here, sentence)
  }
  return Object.fromEntries(kept)
}

/**
 * Takes out the keys of Synapse that mean nothing here.
 *
 * @returns the rest, and a sentence about each key that was taken out.
 */
export function setAsideSynapseKeys(document: ConfigDocument): { values: unknown; notices: string[] } {
  const notices: string[] = []
  const values = strip(document.values, [], (path, sentence) => {
    notices.push(`${path.join('.')} (line ${document.lineOf(path)}) has no effect: ${sentence}.`)
  })
  return { values, notices }
}
