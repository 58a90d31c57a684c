import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { BlobKey } from './blob-key.ts'
import { MissingBlobError, type BlobStore, type ByteRange } from './blob-store.ts'
import type { Staging } from './staging.ts'

/** The least that S3 takes as a part; so much of an upload is in memory, twice. */
const PART_BYTES = 5 * 1024 * 1024
const PARALLEL_PARTS = 2
/** Also for a bucket that is out of reach: whoever waits for media is told soon. */
const CONNECT_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 30_000

/** A bucket, and what gives access to it. */
export interface BucketAddress {
  readonly bucket: string
  readonly region: string
  /** Undefined is Amazon's own. */
  readonly endpoint: string | undefined
  /** Undefined is what the machine has: its environment, its role. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  /** What keys begin with. */
  readonly prefix: string
}

/** Blobs in a bucket of an S3-compatible store, and the end of its connections. */
export interface BucketBlobs extends BlobStore {
  close(): void
}

/** @param staging where a blob lies while it is needed as a file. */
export function s3Blobs(address: BucketAddress, staging: Staging): BucketBlobs {
  const client = new S3Client({
    region: address.region,
    ...(address.endpoint !== undefined && { endpoint: address.endpoint, forcePathStyle: true }),
    ...(address.credentials && { credentials: address.credentials }),
    // Other stores than Amazon's often do not know its newer checksums; ours are in the database.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  })
  const place = (key: BlobKey) => ({ Bucket: address.bucket, Key: address.prefix + key })

  const read = async (key: BlobKey, range?: ByteRange): Promise<Readable> => {
    const wanted = range && { Range: `bytes=${range.first}-${range.last}` }
    try {
      const { Body } = await client.send(new GetObjectCommand({ ...place(key), ...wanted }))
      if (Body instanceof Readable) return Body
      throw new Error('the store answered without a body')
    } catch (error) {
      throw isMissing(error) ? new MissingBlobError(key) : error
    }
  }

  return {
    async put(key, path) {
      const upload = new Upload({
        client,
        params: { ...place(key), Body: createReadStream(path) },
        partSize: PART_BYTES,
        queueSize: PARALLEL_PARTS,
      })
      await upload.done()
      await rm(path, { force: true })
    },
    read,
    async asFile(key) {
      const path = await staging.newPath()
      const remove = (): Promise<void> => rm(path, { force: true })
      try {
        await pipeline(await read(key), createWriteStream(path, { mode: 0o600 }))
      } catch (error) {
        await remove()
        throw error
      }
      return { path, [Symbol.asyncDispose]: remove }
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand(place(key)))
    },
    close: () => client.destroy(),
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof NoSuchKey ||
    (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404)
  )
}
