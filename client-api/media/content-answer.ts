import { Readable } from 'node:stream'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { byteRange } from '../../homeserver/media/serving/byte-range.ts'
import { SAFETY_HEADERS } from '../../homeserver/media/serving/content-headers.ts'
import type { BlobKey } from '../../storage/media/blobs/blob-key.ts'
import type { BlobStore } from '../../storage/media/blobs/blob-store.ts'

/** Content never changes, but an administrator may quarantine it: caches ask again after a day. */
const CACHED = 'immutable, max-age=86400'

/** Bytes to be served. */
export interface ServedContent {
  readonly blob: BlobKey
  readonly size: number
  /** What the bytes are known by: other bytes have another. */
  readonly tag: string
  /** What the bytes are. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether caches may share them between users. */
  readonly shared: boolean
}

/** Answers a GET or HEAD for content: whole, in part (`Range`), or not at all where the client has it (`ETag`). */
export async function contentAnswer(
  request: IncomingRequest,
  blobs: BlobStore,
  content: ServedContent,
): Promise<Answer> {
  const etag = `"${content.tag}"`
  const headers = {
    ...SAFETY_HEADERS,
    ...content.headers,
    'Cache-Control': `${content.shared ? 'public' : 'private'}, ${CACHED}`,
    'Accept-Ranges': 'bytes',
    ETag: etag,
  }
  if (matches(request.headers['if-none-match'], etag)) return { status: 304, headers, body: { bytes: '' } }
  const ifRange = request.headers['if-range']
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined
  const range = byteRange(wanted, content.size)
  if (range === 'unsatisfiable') {
    const error = { errcode: 'M_UNKNOWN', error: 'The range lies beyond the end of the file' }
    return { status: 416, headers: { 'Content-Range': `bytes */${content.size}` }, body: { json: error } }
  }
  const length = range ? range.last - range.first + 1 : content.size
  const lengthHeaders = {
    'Content-Length': String(length),
    ...(range && { 'Content-Range': `bytes ${range.first}-${range.last}/${content.size}` }),
  }
  const stream = request.method === 'HEAD' ? Readable.from([]) : await blobs.read(content.blob, range)
  return { status: range ? 206 : 200, headers: { ...headers, ...lengthHeaders }, body: { stream } }
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}
