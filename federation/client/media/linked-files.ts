import { Client } from 'undici'
import { remoteTooLarge } from '../../../homeserver/media/media-errors.ts'
import type { RemoteFile } from '../../../homeserver/media/remote-copies.ts'
import { fileNameOf } from '../../../homeserver/media/serving/content-disposition.ts'
import { cleanContentType } from '../../../homeserver/media/serving/content-type.ts'
import type { Dial } from '../transport/dial.ts'
import { OK } from '../transport/exchange.ts'
import { MalformedBodyError } from './byte-source.ts'

/** A signed URL of a bucket has about 1,500 characters. */
const MAX_URL_LENGTH = 8 * 1024
const HTTPS_PORT = 443
const HEADERS_TIMEOUT_MS = 20_000
/** As for media that a server sends itself. */
const TRANSFER_MS = 5 * 60_000

/** Fetches files from where other servers say that their media is. */
export interface LinkedFiles {
  /**
   * Fetches by HTTPS, without following a further redirect.
   *
   * @throws Error for a URL of another kind, an address that requests may not go to, or another status than 200;
   *   MatrixError 502 M_TOO_LARGE for what is announced to be larger than `maxBytes`.
   */
  download(location: string, maxBytes: number): Promise<RemoteFile>
}

/** @param dial checks each address in the moment in which it connects to it. */
export function linkedFiles(dial: Dial): LinkedFiles {
  return {
    async download(location, maxBytes) {
      const url = readUrl(location)
      const client = connectTo(dial, url)
      const close = (): void => void client.destroy().catch(() => undefined)
      try {
        const answer = await client.request({
          method: 'GET',
          path: url.pathname + url.search,
          headers: { host: url.host },
          signal: AbortSignal.timeout(TRANSFER_MS),
        })
        const header = (name: string): string | undefined => [answer.headers[name]].flat()[0]
        if (answer.statusCode !== OK)
          throw new MalformedBodyError(`the location answers with ${answer.statusCode}`)
        if (Number(header('content-length') ?? 0) > maxBytes) throw remoteTooLarge()
        answer.body.once('close', close)
        return {
          contentType: cleanContentType(header('content-type')),
          fileName: fileNameOf(header('content-disposition')),
          body: answer.body,
        }
      } catch (error) {
        close()
        throw error
      }
    },
  }
}

function readUrl(location: string): URL {
  const url = location.length > MAX_URL_LENGTH ? null : URL.parse(location)
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw new MalformedBodyError('the location is no HTTPS URL without credentials')
  }
  return url
}

function connectTo(dial: Dial, url: URL): Client {
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const server = {
    endpoints: [{ host: hostname, port: url.port === '' ? HTTPS_PORT : Number(url.port) }],
    hostHeader: url.host,
    certificateName: hostname,
    configured: false,
  }
  return new Client('https://location.invalid', {
    connect: (_options, callback) => {
      dial(server).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      )
    },
    allowH2: false,
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: HEADERS_TIMEOUT_MS,
  })
}
