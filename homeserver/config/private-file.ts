import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const OWNER_ONLY = 0o600

/**
 * Reads a file; when there is none, makes it first, readable by its owner alone. It appears whole and on disk or
 * not at all, and of two processes that make it at once both return the content of the one that won.
 */
export async function readOrCreatePrivateFile(path: string, make: () => string): Promise<string> {
  const existing = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (existing !== undefined) return existing
  await mkdir(dirname(path), { recursive: true })
  const scratch = await writeScratch(path, make())
  try {
    await link(scratch, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(scratch, { force: true })
  }
  return readFile(path, 'utf8')
}

/** Replaces a file whole: a crash leaves the old content or the new one. */
export async function replacePrivateFile(path: string, content: string): Promise<void> {
  await rename(await writeScratch(path, content), path)
}

async function writeScratch(path: string, content: string): Promise<string> {
  const scratch = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(scratch, 'wx', OWNER_ONLY)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  return scratch
}
