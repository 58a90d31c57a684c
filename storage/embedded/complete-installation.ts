import { access, chmod, constants, lstat, readFile, stat, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { PostgresBinaries } from './binaries.ts'

interface Link {
  readonly source: string
  readonly target: string
}

/** The npm archive names its links in this file, because archives of the registry cannot hold links. */
const LINK_LIST = 'pg-symlinks.json'
const EXECUTABLE = 0o111

async function readLinks(binaries: PostgresBinaries): Promise<Link[]> {
  const text = await readFile(join(binaries.directory, LINK_LIST), 'utf8').catch(() => '[]')
  const list: unknown = JSON.parse(text)
  if (!Array.isArray(list)) return []
  return list.filter(
    (entry): entry is Link =>
      typeof entry === 'object' &&
      entry !== null &&
      typeof (entry as Partial<Link>).source === 'string' &&
      typeof (entry as Partial<Link>).target === 'string',
  )
}

/** The list's paths begin with the name that the directory has in the package; a copy has another name. */
function inside(binaries: PostgresBinaries, path: string): string {
  return join(binaries.directory, path.replace(/^native\//, ''))
}

async function missingLinks(binaries: PostgresBinaries): Promise<Link[]> {
  const missing: Link[] = []
  for (const { source, target } of await readLinks(binaries)) {
    const link = inside(binaries, target)
    const exists = await lstat(link).catch(() => undefined)
    if (!exists) missing.push({ source: inside(binaries, source), target: link })
  }
  return missing
}

/** Whether the libraries' links exist and the programs may be run. */
export async function isComplete(binaries: PostgresBinaries): Promise<boolean> {
  for (const program of [binaries.initdb, binaries.postgres]) {
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (!runs) return false
  }
  return (await missingLinks(binaries)).length === 0
}

/**
 * Does what the package's install script does, for installations where npm did not run it: the links between
 * library versions, and the permission to execute. Safe to repeat, also by two processes at once.
 */
export async function completeInstallation(binaries: PostgresBinaries): Promise<void> {
  for (const { source, target } of await missingLinks(binaries)) {
    await symlink(relative(dirname(target), source), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  for (const program of [binaries.initdb, binaries.postgres]) {
    const { mode } = await stat(program)
    if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(program, mode | EXECUTABLE)
  }
}
