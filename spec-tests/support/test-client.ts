/** A JSON object as tests look at it. */
export type Json = { readonly [key: string]: unknown }

/** An answer of the client API. */
export interface TestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

let transactionCount = 0

/** A thin client: every method is one request. It throws on an answer that is no success; `request` never does. */
export class TestClient {
  readonly url: string
  userId = ''
  deviceId = ''
  token: string | undefined

  constructor(url: string) {
    this.url = url
  }

  async request(method: string, path: string, body?: unknown): Promise<TestAnswer> {
    const response = await fetch(this.url + path, {
      method,
      headers: this.token === undefined ? {} : { authorization: `Bearer ${this.token}` },
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Json,
    }
  }

  /** As `request`, on `/_matrix/client/v3`, and only for success. */
  async call(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.request(method, `/_matrix/client/v3${path}`, body)
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async register(localpart: string, deviceId?: string): Promise<void> {
    const body = { username: localpart, password: 'correct horse battery', auth: { type: 'm.login.dummy' } }
    const answer = await this.call(
      'POST',
      '/register',
      deviceId === undefined ? body : { ...body, device_id: deviceId },
    )
    this.userId = String(answer['user_id'])
    this.deviceId = String(answer['device_id'])
    this.token = String(answer['access_token'])
  }

  async createRoom(options: Json = {}): Promise<string> {
    return String((await this.call('POST', '/createRoom', options))['room_id'])
  }

  async join(roomIdOrAlias: string, via: readonly string[] = []): Promise<string> {
    const query = via.map((server) => `via=${encodeURIComponent(server)}`).join('&')
    const answer = await this.call('POST', `/join/${encodeURIComponent(roomIdOrAlias)}?${query}`, {})
    return String(answer['room_id'])
  }

  /** Sends a text message and returns its event id. */
  async say(roomId: string, body: string, transactionId = `t${++transactionCount}`): Promise<string> {
    return this.send(roomId, 'm.room.message', { msgtype: 'm.text', body }, transactionId)
  }

  async send(
    roomId: string,
    type: string,
    content: Json,
    transactionId = `t${++transactionCount}`,
  ): Promise<string> {
    const path = `/rooms/${encodeURIComponent(roomId)}/send/${encodeURIComponent(type)}/${encodeURIComponent(transactionId)}`
    return String((await this.call('PUT', path, content))['event_id'])
  }

  async setState(roomId: string, type: string, content: Json, stateKey = ''): Promise<string> {
    const path = `/rooms/${encodeURIComponent(roomId)}/state/${encodeURIComponent(type)}/${encodeURIComponent(stateKey)}`
    return String((await this.call('PUT', path, content))['event_id'])
  }

  /** Every event of the room's current state. */
  async state(roomId: string): Promise<readonly Json[]> {
    const answer = await this.request('GET', `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state`)
    if (answer.status !== 200 || !Array.isArray(answer.body))
      throw new Error(`state of ${roomId}: ${answer.status}`)
    return answer.body as readonly Json[]
  }

  sync(query: Readonly<Record<string, string>> = {}): Promise<Json> {
    return this.call('GET', `/sync?${new URLSearchParams(query)}`)
  }
}
