import { Readable } from 'node:stream'
import { noSuchMedia, notYetUploaded, remoteTooLarge } from '../../../homeserver/media/media-errors.ts'
import type { RemoteFile, RemoteMediaSource } from '../../../homeserver/media/remote-copies.ts'
import { fileNameOf } from '../../../homeserver/media/serving/content-disposition.ts'
import { cleanContentType } from '../../../homeserver/media/serving/content-type.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { MxcUri } from '../../../protocol/identifiers/mxc-uri.ts'
import { target } from '../operations/target.ts'
import { FederationRequestError } from '../transport/federation-request-error.ts'
import type { FederationTransport, OpenAnswer } from '../transport/federation-transport.ts'
import type { LinkedFiles } from './linked-files.ts'
import { readMediaParts } from './read-media-parts.ts'

/** A file of the largest size over a slow line; also the most that a server can hold us with single bytes. */
const TRANSFER_MS = 5 * 60_000
/** What stands around the media: boundaries, headers, metadata. */
const WRAPPING_BYTES = 128 * 1024

/**
 * Media of other servers: by the signed endpoint, and by the old one where a server does not know that (server-server
 * API, "Content Repository").
 */
export function remoteMediaSource(transport: FederationTransport, linked: LinkedFiles): RemoteMediaSource {
  const downloadSigned = async (uri: MxcUri, maxBytes: number, waitMs: number): Promise<RemoteFile> => {
    const answer = await transport.open(uri.serverName, {
      method: 'GET',
      target: target('/_matrix/federation/v1/media/download', [uri.mediaId], { timeout_ms: waitMs }),
      timeoutMs: waitMs + TRANSFER_MS,
    })
    refuseAnnounced(answer, maxBytes + WRAPPING_BYTES)
    const part = await readMediaParts(answer.header('content-type'), answer.body)
    const location = part.headers.get('location')
    if (location !== undefined) {
      answer.body.destroy()
      return linked.download(location, maxBytes)
    }
    return {
      contentType: cleanContentType(part.headers.get('content-type')),
      fileName: fileNameOf(part.headers.get('content-disposition')),
      body: Readable.from(part.body, { objectMode: false }),
    }
  }

  const downloadOld = async (uri: MxcUri, maxBytes: number, waitMs: number): Promise<RemoteFile> => {
    const answer = await transport.open(uri.serverName, {
      method: 'GET',
      target: target('/_matrix/media/v3/download', [uri.serverName, uri.mediaId], {
        allow_remote: false,
        timeout_ms: waitMs,
      }),
      signed: false,
      timeoutMs: waitMs + TRANSFER_MS,
    })
    refuseAnnounced(answer, maxBytes)
    return {
      contentType: cleanContentType(answer.header('content-type')),
      fileName: fileNameOf(answer.header('content-disposition')),
      body: answer.body,
    }
  }

  return {
    async download(uri, { maxBytes, timeoutMs }) {
      try {
        return await downloadSigned(uri, maxBytes, timeoutMs).catch((error: unknown) => {
          if (!isUnknownEndpoint(error)) throw error
          return downloadOld(uri, maxBytes, timeoutMs)
        })
      } catch (error) {
        throw error instanceof MatrixError ? error : asMatrixError(error)
      }
    },
  }
}

/** Ends an answer whose length is too much before it has been read. */
function refuseAnnounced(answer: OpenAnswer, maxBytes: number): void {
  if (Number(answer.header('content-length') ?? 0) <= maxBytes) return
  answer.body.destroy()
  throw remoteTooLarge()
}

function isUnknownEndpoint(error: unknown): boolean {
  return error instanceof FederationRequestError && error.status === 404 && error.errcode === 'M_UNRECOGNIZED'
}

/** In our own words: another server's error is not for our user. */
function asMatrixError(error: unknown): MatrixError {
  const { status, errcode, kind } =
    error instanceof FederationRequestError
      ? error
      : { status: undefined, errcode: undefined, kind: 'bad-answer' }
  if (errcode === 'M_NOT_YET_UPLOADED') return notYetUploaded()
  if (errcode === 'M_TOO_LARGE') return remoteTooLarge()
  if (status === 404) return noSuchMedia('The other server has no such media')
  if (kind === 'not-allowed') return noSuchMedia('This server takes no media from there')
  return new MatrixError(502, 'M_UNKNOWN', 'The other server could not be reached, or did not send the media')
}
