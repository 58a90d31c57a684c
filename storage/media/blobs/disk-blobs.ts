import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobKey } from './blob-key.ts'
import { MissingBlobError, type BlobStore } from './blob-store.ts'

/** Blobs and their directories belong to the server alone. */
const PRIVATE_DIRECTORY = 0o700
/** One read of a blob that is being sent. */
const READ_BYTES = 256 * 1024

/**
 * Blobs as files.
 *
 * @param directory absolute; the staging area must be on the same file system.
 */
export function diskBlobs(directory: string): BlobStore {
  const pathOf = (key: BlobKey): string => join(directory, key)
  const openBlob = async (key: BlobKey): Promise<FileHandle> => {
    try {
      return await open(pathOf(key), 'r')
    } catch (error) {
      throw isMissing(error) ? new MissingBlobError(key) : error
    }
  }
  return {
    async put(key, staged) {
      const path = pathOf(key)
      await createDirectories(dirname(path))
      await rename(staged, path)
      await syncDirectory(dirname(path))
    },
    async read(key, range) {
      const handle = await openBlob(key)
      const part = range && { start: range.first, end: range.last }
      return handle.createReadStream({ ...part, highWaterMark: READ_BYTES })
    },
    async asFile(key) {
      await (await openBlob(key)).close()
      return { path: pathOf(key), [Symbol.asyncDispose]: async () => undefined }
    },
    remove: (key) => rm(pathOf(key), { force: true }),
  }
}

/** Creates a directory with those above it, so that a crash does not take them away again. */
async function createDirectories(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: PRIVATE_DIRECTORY })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made))
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
