import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { PassThrough, Transform } from 'node:stream'

/** A way to a server that keeps its port when the server's changes, and that can be cut. */
export interface Link {
  readonly port: number
  /** Leads to this port on loopback from now on; undefined leads nowhere. */
  leadTo(port: number | undefined): void
  /** Breaks every connection and refuses new ones until `heal`. */
  cut(): void
  heal(): void
  close(): Promise<void>
}

/**
 * Opens a link that leads nowhere yet.
 *
 * @param delayMs how long everything is on its way, in each direction.
 */
export async function openLink(delayMs = 0): Promise<Link> {
  const sockets = new Set<Socket>()
  let target: number | undefined
  let whole = true
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((client) => {
    if (!whole || target === undefined) return void client.destroy()
    const upstream = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.pipe(distance(delayMs)).pipe(upstream)
    upstream.pipe(distance(delayMs)).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port) => {
      target = port
    },
    cut: () => {
      whole = false
      breakAll()
    },
    heal: () => {
      whole = true
    },
    close: async () => {
      breakAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Lets everything through in its order, later. */
function distance(delayMs: number): Transform {
  if (delayMs === 0) return new PassThrough()
  return new Transform({
    transform(chunk, _encoding, done) {
      setTimeout(() => this.push(chunk), delayMs)
      done()
    },
    flush: (done) => void setTimeout(done, delayMs),
  })
}
