import { TestClient } from './test-client.ts'

/** What is said of an upload. */
export interface UploadLabel {
  readonly type?: string
  readonly name?: string
}

/** A client that sends and gets files. Media is named by `server/id`, the path of its content URI. */
export class MediaClient extends TestClient {
  static async register(url: string, localpart: string): Promise<MediaClient> {
    const client = new MediaClient(url)
    await client.register(localpart)
    return client
  }

  /** The same user and device as another client. */
  static of({ url, token }: TestClient): MediaClient {
    const client = new MediaClient(url)
    client.token = token
    return client
  }

  /** Sends a request with bytes, and returns its answer as it is. */
  transfer(
    method: string,
    path: string,
    body: string | Uint8Array | null = null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }
    return fetch(this.url + path, {
      method,
      headers: { ...authorization, ...headers },
      body,
      redirect: 'manual',
    })
  }

  /** Uploads. @throws Error for an answer that is no success. */
  async upload(body: string | Uint8Array, { type = 'text/plain', name }: UploadLabel = {}): Promise<string> {
    const query = name === undefined ? '' : `?filename=${encodeURIComponent(name)}`
    const answer = await this.transfer('POST', `/_matrix/media/v3/upload${query}`, body, {
      'content-type': type,
    })
    return pathOf(answer)
  }

  /** Reserves a content URI. @throws Error for an answer that is no success. */
  async create(): Promise<string> {
    return pathOf(await this.transfer('POST', '/_matrix/media/v1/create', '{}'))
  }

  uploadTo(media: string, body: string | Uint8Array | null, type = 'text/plain'): Promise<Response> {
    return this.transfer('PUT', `/_matrix/media/v3/upload/${media}`, body, { 'content-type': type })
  }

  /** @param path `server/id`, perhaps with a file name or a query. */
  download(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.transfer('GET', `/_matrix/client/v1/media/download/${path}`, null, headers)
  }

  /** The same by the deprecated endpoint. */
  downloadOld(path: string): Promise<Response> {
    return this.transfer('GET', `/_matrix/media/v3/download/${path}`)
  }

  /** @param query of the thumbnail. */
  thumbnail(media: string, query: Readonly<Record<string, string>>): Promise<Response> {
    return this.transfer('GET', `/_matrix/client/v1/media/thumbnail/${media}?${new URLSearchParams(query)}`)
  }
}

async function pathOf(answer: Response): Promise<string> {
  if (answer.status !== 200) throw new Error(`no content URI: ${answer.status} ${await answer.text()}`)
  const { content_uri } = (await answer.json()) as { content_uri: string }
  return content_uri.slice('mxc://'.length)
}
