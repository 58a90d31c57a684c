import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** Takes over the connections of requests for a WebSocket at one path. */
export interface UpgradeHandler {
  readonly path: string
  /** The socket is the handler's from now on, to answer on and to end. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer, clientAddress: string): void
}

/** Whether a request is for the handler; other upgrades are not made, and the request is answered as usual. */
export function asksForUpgrade(message: IncomingMessage, { path }: UpgradeHandler): boolean {
  const [target] = (message.url ?? '').split('?')
  return message.method === 'GET' && target === path && message.headers.upgrade?.toLowerCase() === 'websocket'
}
