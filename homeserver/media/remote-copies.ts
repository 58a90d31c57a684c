import type { Readable } from 'node:stream'
import { StreamTooLargeError } from '../../storage/media/blobs/staging.ts'
import type { Media } from '../../storage/media/media.ts'
import { storeCopy } from '../../storage/media/media-writer.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { mxcUri, type MxcUri } from '../../protocol/identifiers/mxc-uri.ts'
import type { RateLimiter } from '../rate-limits/rate-limiter.ts'
import { FewAtATime, QueueFullError } from '../turns/few-at-a-time.ts'
import { remoteTooLarge } from './media-errors.ts'
import type { MediaServices } from './media-services.ts'
import { storeContent, type FileLabel } from './store-file.ts'

/** Files fetched from other servers side by side: more share the line without being there sooner. */
const MAX_FETCHES = 32
/** Requests that wait for their turn; each holds a client's connection. */
const MAX_WAITING = 500

/** A file of another server, whose bytes are still to come. */
export interface RemoteFile extends FileLabel {
  readonly body: Readable
}

/** Fetches from other servers. Implemented by federation. */
export interface RemoteMediaSource {
  /**
   * Asks the server of a content URI for its content.
   *
   * @param options.maxBytes what is announced to be larger is refused at once.
   * @param options.timeoutMs how long the other server should wait for content that has not been uploaded yet.
   * @throws MatrixError 404 M_NOT_FOUND, 504 M_NOT_YET_UPLOADED, 502 M_TOO_LARGE, or 502 M_UNKNOWN when the server
   *   cannot be reached or answers with nothing usable.
   */
  download(uri: MxcUri, options: { maxBytes: number; timeoutMs: number }): Promise<RemoteFile>
}

/** Copies of other servers' media, each fetched once however many ask for it. */
export class RemoteCopies {
  readonly #source: RemoteMediaSource
  readonly #running = new Map<string, Promise<Media>>()
  readonly #turns = new FewAtATime(MAX_FETCHES, MAX_WAITING)

  readonly #bytes: RateLimiter

  /** @param bytes how many are fetched for one address. */
  constructor(source: RemoteMediaSource, bytes: RateLimiter) {
    this.#source = source
    this.#bytes = bytes
  }

  /**
   * Fetches and stores what is not here yet.
   *
   * @param address of who asks, as limits name it.
   * @throws MatrixError as {@link RemoteMediaSource.download}, and 429 while too many wait or where the address has had
   *   too much fetched.
   */
  async fetch(services: MediaServices, uri: MxcUri, timeoutMs: number, address: string): Promise<Media> {
    const key = mxcUri(uri.serverName, uri.mediaId)
    const running = this.#running.get(key)
    if (running) return running
    this.#bytes.check(address)
    const fetching = this.#turns
      .take(() => this.#fetch(services, uri, timeoutMs, address))
      .finally(() => this.#running.delete(key))
    this.#running.set(key, fetching)
    try {
      return await fetching
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error
      throw new MatrixError(429, 'M_LIMIT_EXCEEDED', 'Too many files are being fetched; try again soon')
    }
  }

  async #fetch(services: MediaServices, uri: MxcUri, timeoutMs: number, address: string): Promise<Media> {
    const maxBytes = services.config.maxUploadBytes
    const file = await this.#source.download(uri, { maxBytes, timeoutMs })
    try {
      await using staged = await services.staging.receive(file.body, maxBytes)
      this.#bytes.charge(address, staged.size)
      const content = await storeContent(services, staged, file)
      const serverNid = await services.interner.serverNid(uri.serverName)
      return await storeCopy(services.queries, serverNid, uri.mediaId, content)
    } catch (error) {
      if (error instanceof StreamTooLargeError) throw remoteTooLarge()
      if (file.body.errored) {
        throw new MatrixError(502, 'M_UNKNOWN', 'The other server did not send the file whole')
      }
      throw error
    } finally {
      file.body.destroy()
    }
  }
}
