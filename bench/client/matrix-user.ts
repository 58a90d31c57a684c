import type { HttpClient } from './http-client.ts'
import type { MessagesPage, SyncAnswer } from './answers.ts'

const V3 = '/_matrix/client/v3'
const room = (roomId: string): string => `${V3}/rooms/${encodeURIComponent(roomId)}`

let transactions = 0

/** One logged-in device of a user: the few client calls that the scenarios are made of. */
export class MatrixUser {
  readonly userId: string
  readonly #http: HttpClient
  readonly #token: string
  readonly #password: string

  constructor(http: HttpClient, userId: string, token: string, password: string) {
    this.#http = http
    this.userId = userId
    this.#token = token
    this.#password = password
  }

  /** The same user on a new device. */
  async onNewDevice(): Promise<MatrixUser> {
    const login = await this.#http.json<{ access_token: string }>('POST', `${V3}/login`, undefined, {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: this.userId },
      password: this.#password,
    })
    return new MatrixUser(this.#http, this.userId, login.access_token, this.#password)
  }

  /** Makes a room that anybody on the server can join; returns its id. */
  async createPublicRoom(name: string): Promise<string> {
    const created = await this.#post<{ room_id: string }>(`${V3}/createRoom`, { preset: 'public_chat', name })
    return created.room_id
  }

  /** @param via a server that is in the room, where that is another one's. */
  async join(roomId: string, via?: string): Promise<void> {
    const query = via === undefined ? '' : `?${new URLSearchParams({ via })}`
    await this.#post(`${V3}/join/${encodeURIComponent(roomId)}${query}`, {})
  }

  /** Sends a text message under a fresh transaction id; the returned event id is the acknowledgement. */
  async sendText(roomId: string, body: string): Promise<string> {
    const path = `${room(roomId)}/send/m.room.message/bench-${process.pid}-${++transactions}`
    const content = { msgtype: 'm.text', body }
    const sent = await this.#http.json<{ event_id: string }>('PUT', path, this.#token, content)
    return sent.event_id
  }

  /** @param timeoutMs how long the server may wait for news; 0 answers at once */
  sync(since: string | undefined, timeoutMs: number, signal?: AbortSignal): Promise<SyncAnswer> {
    const query = new URLSearchParams({ timeout: String(timeoutMs), ...(since !== undefined && { since }) })
    return this.#get(`${V3}/sync?${query}`, signal)
  }

  /** One page of the room's history, newest first. */
  messages(roomId: string, limit: number, from?: string): Promise<MessagesPage> {
    const query = new URLSearchParams({ dir: 'b', limit: String(limit), ...(from !== undefined && { from }) })
    return this.#get(`${room(roomId)}/messages?${query}`)
  }

  async joinedMembers(roomId: string): Promise<string[]> {
    const { joined } = await this.#get<{ joined: object }>(`${room(roomId)}/joined_members`)
    return Object.keys(joined)
  }

  #get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#http.json('GET', path, this.#token, undefined, signal)
  }

  #post<T>(path: string, body: object): Promise<T> {
    return this.#http.json('POST', path, this.#token, body)
  }
}
