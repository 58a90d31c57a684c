import { MissingBlobError, type BlobStore } from './blob-store.ts'

/**
 * A store with an older one behind it, from which what has not been moved is still served.
 *
 * @param current takes what is new.
 */
export function layeredBlobs(current: BlobStore, older: BlobStore): BlobStore {
  const fromEither = async <Result>(look: (store: BlobStore) => Promise<Result>): Promise<Result> => {
    try {
      return await look(current)
    } catch (error) {
      if (error instanceof MissingBlobError) return look(older)
      throw error
    }
  }
  return {
    put: (key, path) => current.put(key, path),
    read: (key, range) => fromEither((store) => store.read(key, range)),
    asFile: (key) => fromEither((store) => store.asFile(key)),
    async remove(key) {
      await current.remove(key)
      await older.remove(key)
    },
  }
}
