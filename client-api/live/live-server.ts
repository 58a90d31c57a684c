import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import type { UpgradeHandler } from '../../homeserver/http/upgrade.ts'
import { LiveHub } from '../../homeserver/live/live-hub.ts'
import type { LiveSettings } from '../../homeserver/live/live-settings.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { RateLimiter } from '../../homeserver/rate-limits/rate-limiter.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { liveProtocol } from './live-protocol.ts'

export const LIVE_PATH = '/_matrix/client/unstable/dev.meridian/live'

/** The first frame may hold a filter; acknowledgements are short. */
const MAX_FRAME_BYTES = 64 * 1024
/** New sockets from one address: after a restart a whole office comes back at once. */
const CONNECTS = { perSecond: 20, burstCount: 1_000 }
/** After how many seconds a refused client may try again. */
const RETRY_AFTER_S = 5

/** Live sync: one WebSocket instead of a chain of polls (`docs/live-sync.md`). */
export class LiveServer implements UpgradeHandler {
  readonly path = LIVE_PATH
  readonly #hub: LiveHub
  readonly #connects = new RateLimiter(CONNECTS)
  // Compression would keep some hundred kilobytes of window for each socket.
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  })

  constructor(context: ClientApiContext, settings: LiveSettings, onError: (error: unknown) => void) {
    const { sync, presence, accounts } = context
    const protocol = liveProtocol(context)
    this.#hub = new LiveHub({ sync, presence, sessions: accounts.sessions, protocol, settings, onError })
  }

  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer, address: string): void {
    socket.on('error', () => socket.destroy())
    try {
      this.#connects.consume(addressKey(address))
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      return refuse(socket, '429 Too Many Requests')
    }
    if (!this.#hub.admits(address)) return refuse(socket, '503 Service Unavailable')
    this.#server.handleUpgrade(message, socket, head, (webSocket) => this.#open(webSocket, address))
  }

  /** Closes every socket so that its client resumes. */
  close(): Promise<void> {
    return this.#hub.close()
  }

  #open(webSocket: WebSocket, address: string): void {
    const peer = this.#hub.add(webSocket, address)
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary || !Buffer.isBuffer(data)) peer.close('badFrame', 'M_NOT_JSON')
      else void peer.receive(data)
    })
    webSocket.on('pong', () => peer.ponged())
    webSocket.on('ping', () => peer.pinged())
    // What is wrong with a frame closes the socket by itself.
    webSocket.on('error', () => undefined)
    webSocket.on('close', () => this.#hub.remove(peer))
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: ${RETRY_AFTER_S}\r\n\r\n`,
  )
}
