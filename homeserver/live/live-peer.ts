import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { CLOSE_CODES, type CloseCause } from './close-codes.ts'
import type { LiveHub } from './live-hub.ts'
import type { LiveHello } from './live-protocol.ts'
import type { LiveSocket } from './live-socket.ts'
import { LiveStream } from './live-stream.ts'

/** One socket from its opening to its end. Times are those of `performance.now()`. */
export class LivePeer {
  readonly address: string
  readonly #hub: LiveHub
  readonly #socket: LiveSocket
  readonly #openedAt = performance.now()
  #state: 'new' | 'greeting' | 'live' | 'closing' | 'closed' = 'new'
  #hello: LiveHello | undefined
  #stream: LiveStream | undefined
  #endPresence: (() => void) | undefined
  #heardAt = this.#openedAt
  #pingedAt = this.#openedAt
  #closingAt = 0
  #pings = 0

  /** Use `LiveHub.add`. */
  constructor(hub: LiveHub, socket: LiveSocket, address: string) {
    this.#hub = hub
    this.#socket = socket
    this.address = address
  }

  /** Whose socket it is, once that is known. */
  get userNid(): UserNid | undefined {
    return this.#hello?.session.userNid
  }

  /** A frame has come. */
  async receive(frame: Uint8Array): Promise<void> {
    this.#heardAt = performance.now()
    try {
      if (this.#state === 'new') await this.#greet(frame)
      else if (this.#state === 'live') this.#acknowledge(frame)
      else if (this.#state === 'greeting') this.close('badFrame', 'M_BAD_JSON')
    } catch (error) {
      this.#fail(error)
    }
  }

  /** A pong has come. */
  ponged(): void {
    this.#heardAt = performance.now()
  }

  /** A ping has come, which the transport answers by itself. */
  pinged(): void {
    this.#heardAt = performance.now()
    if (++this.#pings > this.#hub.settings.maxPings) this.#socket.terminate()
  }

  /** Looks after the socket: to be called regularly. */
  look(now: number): void {
    const { helloMs, pingMs, deadMs, closingMs } = this.#hub.settings
    this.#pings = 0
    if (this.#state === 'closing') {
      if (now - this.#closingAt > closingMs) this.#socket.terminate()
      return
    }
    if (now - this.#heardAt > deadMs) return this.#socket.terminate()
    if (this.#state !== 'live') {
      if (now - this.#openedAt > helloMs) this.close('helloMissing', 'The first frame did not come in time')
      return
    }
    if (this.#stream?.look()) return this.close('resume', 'Frames stay unacknowledged')
    if (now - this.#pingedAt < pingMs) return
    this.#pingedAt = now
    this.#socket.ping()
    this.confirm()
  }

  /** Ends the socket if its session has ended. */
  confirm(): void {
    this.#hello?.confirm().catch((error: unknown) => this.#fail(error))
  }

  /** Begins to close the socket. */
  close(cause: CloseCause, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#state = 'closing'
    this.#closingAt = performance.now()
    this.#stop()
    this.#socket.close(CLOSE_CODES[cause], reason)
  }

  /** The socket is gone. */
  gone(): void {
    this.#state = 'closed'
    this.#stop()
  }

  /** Cuts it off. */
  terminate(): void {
    this.#socket.terminate()
  }

  async #greet(frame: Uint8Array): Promise<void> {
    this.#state = 'greeting'
    const hello = await this.#hub.protocol.readHello(frame, this.address)
    // It may have been closed meanwhile.
    if (this.#state !== 'greeting') return
    if (!this.#hub.claim(this, hello.session.userNid)) return this.close('tooMany', 'M_LIMIT_EXCEEDED')
    this.#hello = hello
    this.#state = 'live'
    this.#endPresence = this.#hub.presence.connect(hello.session, hello.presence)
    const { sync, settings } = this.#hub
    this.#stream = new LiveStream({ sync, settings, socket: this.#socket, request: hello.request })
    // A session that ended while its user was being counted is not in anybody's sight before.
    this.confirm()
    // Not waited for, so that the first frame need not stay in memory.
    this.#stream.run().catch((error: unknown) => this.#fail(error))
  }

  #acknowledge(frame: Uint8Array): void {
    const nextBatch = this.#hub.protocol.readAcknowledgement(frame)
    if (!this.#stream?.acknowledge(nextBatch)) this.close('badFrame', 'M_INVALID_PARAM')
  }

  #fail(error: unknown): void {
    if (error instanceof MatrixError && error.status < 500) {
      return this.close(error.status === 401 ? 'unauthorized' : 'badFrame', error.errcode)
    }
    this.#hub.onError(error)
    this.close('resume', 'Something failed here')
  }

  #stop(): void {
    this.#stream?.end()
    this.#endPresence?.()
    this.#endPresence = undefined
  }
}
