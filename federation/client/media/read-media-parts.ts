import type { Readable } from 'node:stream'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject } from '../../../protocol/json/value.ts'
import { ByteSource, MalformedBodyError } from './byte-source.ts'

/** RFC 2046, section 5.1.1. */
const MAX_BOUNDARY_LENGTH = 70
const BOUNDARY = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i
/** Nothing is defined yet that would go into the metadata. */
const MAX_METADATA_BYTES = 64 * 1024
/** A content type, a disposition with a long file name, or a signed URL. */
const MAX_HEADER_BYTES = 16 * 1024
/** What may come before the first part and after the last one. */
const MAX_MARGIN_BYTES = 4 * 1024

/** The second part of an answer: the media, or where it is. */
export interface MediaPart {
  /** Values by name in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** Fails with {@link MalformedBodyError} if the answer ends before the part does. */
  readonly body: AsyncGenerator<Buffer, void>
}

/**
 * Reads an answer of `GET /_matrix/federation/v1/media/…`: `multipart/mixed` of two parts, JSON metadata and the media
 * (server-server API, "Content Repository").
 *
 * @throws MalformedBodyError for another form.
 */
export async function readMediaParts(contentType: string | undefined, body: Readable): Promise<MediaPart> {
  const delimiter = `\r\n--${boundaryOf(contentType)}`
  const source = new ByteSource(body, '\r\n')
  await source.readUntil(delimiter, MAX_MARGIN_BYTES)
  await readHeaders(source)
  const metadata = await source.readUntil(delimiter, MAX_METADATA_BYTES)
  if (!isMetadata(metadata)) throw new MalformedBodyError('the first part is no JSON object')
  const headers = await readHeaders(source)
  return { headers, body: mediaBytes(source, delimiter) }
}

function boundaryOf(contentType = ''): string {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (!/^multipart\/mixed\s*;/i.test(contentType) || boundary === undefined) {
    throw new MalformedBodyError('the answer is no multipart/mixed with a boundary')
  }
  if (boundary.length > MAX_BOUNDARY_LENGTH) throw new MalformedBodyError('the boundary is too long')
  return boundary
}

async function readHeaders(source: ByteSource): Promise<Map<string, string>> {
  if (await source.startsWith('--')) throw new MalformedBodyError('the answer has fewer than two parts')
  // The line of the delimiter ends with what also stands before the first header.
  const lines = await source.readUntil('\r\n\r\n', MAX_HEADER_BYTES)
  const headers = new Map<string, string>()
  for (const line of lines.toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers
}

function isMetadata(text: Buffer): boolean {
  try {
    return isJsonObject(parseJson(text))
  } catch {
    return false
  }
}

async function* mediaBytes(source: ByteSource, delimiter: string): AsyncGenerator<Buffer, void> {
  yield* source.streamUntil(delimiter)
  await source.drain(MAX_MARGIN_BYTES)
}
