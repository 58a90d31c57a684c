import type { Readable } from 'node:stream'
import type { BlobKey } from './blob-key.ts'

/** A part of a blob; both ends belong to it. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** A file on this machine that is there until it is disposed of. */
export interface LocalFile extends AsyncDisposable {
  readonly path: string
}

/** A blob that a row names is not there. */
export class MissingBlobError extends Error {
  constructor(key: BlobKey) {
    super(`the blob ${key} is missing`)
    this.name = 'MissingBlobError'
  }
}

/** Where the bytes of media lie. A blob is written once, whole, and never changed. */
export interface BlobStore {
  /**
   * Stores a complete file, which the store takes over. Once the promise is fulfilled, the blob outlives any crash.
   *
   * @param path a file of the staging area.
   */
  put(key: BlobKey, path: string): Promise<void>
  /** Opens a blob, or a part of it. @throws MissingBlobError before anything is read. */
  read(key: BlobKey, range?: ByteRange): Promise<Readable>
  /** A blob as a file. @throws MissingBlobError. */
  asFile(key: BlobKey): Promise<LocalFile>
  /** Deletes a blob; one that is not there is none to delete. */
  remove(key: BlobKey): Promise<void>
}
