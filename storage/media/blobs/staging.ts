import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

/** Enough for every signature of a file type that is looked for. */
const HEAD_BYTES = 4096
const PRIVATE_DIRECTORY = 0o700
const PRIVATE_FILE = 0o600

/** A file that has come whole and is durable, and that nothing refers to yet. */
export interface StagedFile extends AsyncDisposable {
  readonly path: string
  readonly size: number
  readonly sha256: Buffer
  /** The first bytes. */
  readonly head: Buffer
}

/** More came than is accepted. */
export class StreamTooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`more than ${maxBytes} bytes came`)
    this.name = 'StreamTooLargeError'
  }
}

/**
 * Where files come together before they are anything: whatever dies here leaves a file that {@link Staging.sweep}
 * takes away.
 */
export class Staging {
  readonly #directory: string

  /** @param directory absolute; created when it is needed. */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** A path for a new file. */
  async newPath(): Promise<string> {
    await mkdir(this.#directory, { recursive: true, mode: PRIVATE_DIRECTORY })
    return join(this.#directory, randomUUID())
  }

  /**
   * Writes a stream to a file, as fast as both go, and has it durable. The stream is left as it is when it is too
   * large, so that an answer can still go out on its connection.
   *
   * @throws StreamTooLargeError as soon as there is more than `maxBytes`, and what the stream fails with.
   */
  async receive(source: Readable, maxBytes: number): Promise<StagedFile> {
    const path = await this.newPath()
    const handle = await open(path, 'wx', PRIVATE_FILE)
    try {
      const received = await writeAll(handle, source, maxBytes)
      await handle.sync()
      await handle.close()
      return { path, ...received, [Symbol.asyncDispose]: () => rm(path, { force: true }) }
    } catch (error) {
      await handle.close().catch(() => undefined)
      await rm(path, { force: true })
      throw error
    }
  }

  /** Deletes what was last written before `before` (ms since the epoch). Returns how many files. */
  async sweep(before: number): Promise<number> {
    const names = await readdir(this.#directory).catch(() => [])
    let swept = 0
    for (const name of names) {
      const path = join(this.#directory, name)
      const status = await stat(path).catch(() => undefined)
      if (!status || status.mtimeMs >= before) continue
      await rm(path, { force: true })
      swept += 1
    }
    return swept
  }
}

async function writeAll(
  handle: FileHandle,
  source: Readable,
  maxBytes: number,
): Promise<Pick<StagedFile, 'size' | 'sha256' | 'head'>> {
  const hash = createHash('sha256')
  const head: Buffer[] = []
  let headBytes = 0
  let size = 0
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new StreamTooLargeError(maxBytes)
    if (headBytes < HEAD_BYTES) {
      const part = chunk.subarray(0, HEAD_BYTES - headBytes)
      head.push(part)
      headBytes += part.length
    }
    hash.update(chunk)
    for (let written = 0; written < chunk.length;) {
      written += (await handle.write(chunk, written)).bytesWritten
    }
  }
  return { size, sha256: hash.digest(), head: Buffer.concat(head) }
}
