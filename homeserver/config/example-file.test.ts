import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fileKeys, fileSchema } from './file-schema.ts'

const text = await readFile(join(import.meta.dirname, '..', '..', 'config.example.yaml'), 'utf8')

/** A commented key has no space after the `#`, or as many as its indentation. */
const PROSE = /^# (?! )/

function inner(type: z.core.$ZodType): z.core.$ZodType {
  if (type instanceof z.ZodArray) return inner(type.element)
  if (type instanceof z.ZodPipe) return inner(type.in)
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodPrefault) {
    return inner(type.unwrap())
  }
  return type
}

/** The dotted paths of all keys that a schema knows; entries of a list share theirs. */
function keyPaths(type: z.core.$ZodType, path: readonly string[] = []): string[] {
  const object = inner(type)
  if (!(object instanceof z.ZodObject)) return []
  return Object.entries(object.shape).flatMap(([key, value]) => {
    const here = [...path, key]
    return [here.join('.'), ...keyPaths(value, here)]
  })
}

/** The same of a file's text, whose commented keys count: indentation tells what belongs to what. */
function documentedPaths(): Set<string> {
  const found = new Set<string>()
  let above: { indent: number; key: string }[] = []
  for (const line of text.split('\n')) {
    const match = /^#?( *)(- )?([a-z0-9_]+):(?: |$)(.*)/.exec(line)
    if (!match || PROSE.test(line)) continue
    const indent = (match[1] ?? '').length + (match[2] ?? '').length
    above = above.filter((parent) => parent.indent < indent)
    above.push({ indent, key: match[3] ?? '' })
    const path = above.map((parent) => parent.key).join('.')
    found.add(path)
    const inline = /\{(.*)\}/.exec(match[4] ?? '')?.[1] ?? ''
    for (const [, key] of inline.matchAll(/([a-z_]+):/g)) found.add(`${path}.${key}`)
    for (const [, key] of (match[4] ?? '').matchAll(/^\[\{ *([a-z_]+):/g)) found.add(`${path}.${key}`)
  }
  return found
}

test('the example documents every key', () => {
  const documented = documentedPaths()
  expect(keyPaths(fileKeys).filter((path) => !documented.has(path))).toEqual([])
})

test('the example holds no key that does not exist', () => {
  const known = new Set(keyPaths(fileKeys))
  const named = [...documentedPaths()].filter(
    (path) => !/^(old_signing_keys|trusted_key_servers\.verify_keys|federation_static_peers)\./.test(path),
  )
  expect(named.filter((path) => !known.has(path))).toEqual([])
})

test('the example as it stands is valid and says what the defaults are', () => {
  const example = fileSchema.parse(parse(text, { version: '1.1' }))
  const { server_name, listeners, ...rest } = example
  const defaults = fileSchema.parse({})
  expect(rest).toEqual({ ...defaults, server_name: undefined, listeners: undefined })
  expect(server_name).toBe('example.org')
  expect(listeners).toHaveLength(1)
})
