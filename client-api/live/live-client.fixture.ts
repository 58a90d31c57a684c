import { WebSocket } from 'ws'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { LIVE_PATH } from './live-server.ts'

/** How a socket was closed. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

/** A live socket as tests use it. Frames wait until they are asked for; nothing is acknowledged by itself. */
export class LiveClient {
  readonly socket: WebSocket
  readonly closed: Promise<Closed>
  readonly opened: Promise<void>
  /** Frames that have come and were not asked for. */
  readonly frames: Json[] = []
  #onFrame: (() => void) | undefined

  constructor(url: string, options: { autoPong?: boolean } = {}) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws') + LIVE_PATH, options)
    this.opened = new Promise((resolve, reject) => this.socket.once('open', resolve).once('error', reject))
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    )
    this.socket.on('error', () => undefined)
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as Json)
      this.#onFrame?.()
    })
  }

  async send(frame: unknown): Promise<void> {
    await this.opened
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** The next frame. */
  async next(): Promise<Json> {
    while (this.frames.length === 0) {
      await new Promise<void>((resolve, reject) => {
        this.#onFrame = resolve
        void this.closed.then(({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`)))
      })
    }
    return this.frames.shift()!
  }

  /** The next frame, acknowledged. */
  async take(): Promise<Json> {
    const frame = await this.next()
    await this.send({ ack: frame['next_batch'] })
    return frame
  }
}

/** Connects a client as itself. */
export async function goLive(client: TestClient, hello: Json = {}): Promise<LiveClient> {
  const live = new LiveClient(client.url)
  await live.send({ access_token: client.token, set_presence: 'offline', ...hello })
  return live
}

/** The texts of a room's messages in a frame. */
export function textsIn(frame: Json, roomId: string): unknown[] {
  const rooms = frame['rooms'] as { join: Record<string, { timeline: { events: Json[] } } | undefined> }
  const events = rooms.join[roomId]?.timeline.events ?? []
  return events
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => (content as Json)['body'])
}
