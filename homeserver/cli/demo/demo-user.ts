import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoRegion } from './demo-region.ts'

const POLL_MS = 100
/** On a busy machine a server takes seconds to start and to be reached again. */
const PATIENCE_MS = 60_000
const PAGE = 50

interface ClientEvent {
  readonly type: string
  readonly sender: string
  readonly content: { readonly body?: string }
}

/** A user of a region, by the client API alone. */
export class DemoUser {
  readonly userId: string
  readonly #url: string
  readonly #token: string

  private constructor(url: string, userId: string, token: string) {
    this.#url = url
    this.userId = userId
    this.#token = token
  }

  /** Makes an account. @throws Error with the server's answer when that fails. */
  static async register(region: DemoRegion, username: string, password: string): Promise<DemoUser> {
    const body = { username, password, auth: { type: 'm.login.dummy' } }
    const answer = await request<{ user_id: string; access_token: string }>(
      region.url,
      'POST',
      '/register',
      body,
    )
    return new DemoUser(region.url, answer.user_id, answer.access_token)
  }

  async createRoom(name: string): Promise<string> {
    return (await this.#call<{ room_id: string }>('POST', '/createRoom', { name, preset: 'private_chat' }))
      .room_id
  }

  async invite(roomId: string, other: DemoUser): Promise<void> {
    await this.#call('POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: other.userId })
  }

  async join(roomId: string, via: string): Promise<void> {
    await this.#call('POST', `/join/${encodeURIComponent(roomId)}?via=${encodeURIComponent(via)}`, {})
  }

  async say(roomId: string, body: string): Promise<void> {
    const path = `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${randomUUID()}`
    await this.#call('PUT', path, { msgtype: 'm.text', body })
  }

  /** The room's newest messages, oldest first. */
  async read(roomId: string): Promise<readonly { readonly sender: string; readonly body: string }[]> {
    const path = `/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=${PAGE}`
    const { chunk } = await this.#call<{ chunk: readonly ClientEvent[] }>('GET', path)
    return chunk
      .filter((event) => event.type === 'm.room.message')
      .map((event) => ({ sender: event.sender, body: event.content.body ?? '' }))
      .reverse()
  }

  /** Waits until the room shows this message to the user. @throws Error after a minute. */
  async awaits(roomId: string, body: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    while (performance.now() < deadline) {
      if ((await this.read(roomId)).some((message) => message.body === body)) return
      await delay(POLL_MS)
    }
    throw new Error(`"${body}" has not reached ${this.userId}.`)
  }

  #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return request<Answer>(this.#url, method, path, body, this.#token)
  }
}

async function request<Answer>(
  url: string,
  method: string,
  path: string,
  body?: object,
  token?: string,
): Promise<Answer> {
  const response = await fetch(`${url}/_matrix/client/v3${path}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`)
  return JSON.parse(text) as Answer
}
