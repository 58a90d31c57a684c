import { WebSocket } from 'ws'

const LIVE_PATH = '/_matrix/client/unstable/dev.meridian/live'
/** Rooms may be large; what a socket costs is asked here, not what a first answer does. */
const FILTER = { room: { timeline: { limit: 1 }, state: { lazy_load_members: true } } }

/** A live socket that acknowledges every frame and does nothing else. */
export class IdleSocket {
  readonly #socket: WebSocket
  /** Resolves with the first frame. */
  readonly ready: Promise<void>
  frames = 0
  #onFrame: ((text: string) => void) | undefined

  /** @param localAddress where it comes from: servers bound the sockets of one address. */
  constructor(url: string, token: string, localAddress: string) {
    this.#socket = new WebSocket(url.replace(/^http/, 'ws') + LIVE_PATH, {
      localAddress,
      perMessageDeflate: false,
    })
    this.ready = new Promise((resolve, reject) => {
      this.#socket.once('open', () =>
        this.#socket.send(JSON.stringify({ access_token: token, filter: FILTER })),
      )
      this.#socket.once('error', reject)
      this.#socket.once('close', (code, reason) => reject(new Error(`closed: ${code} ${String(reason)}`)))
      this.#socket.on('message', (data) => {
        const text = String(data)
        const [, nextBatch] = /^\{"next_batch":"([^"]+)"/.exec(text) ?? []
        this.#socket.send(JSON.stringify({ ack: nextBatch }))
        this.frames += 1
        this.#onFrame?.(text)
        resolve()
      })
    })
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** Resolves when a frame holds `text`. */
  hears(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onFrame = (frame) => {
        if (frame.includes(text)) resolve()
      }
    })
  }

  close(): void {
    this.#socket.terminate()
  }
}
