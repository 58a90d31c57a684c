import { request as httpsRequest } from 'node:https'
import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PrivateNetwork } from '../../../federation/test-support/private-network.ts'

/** What becomes of a request on its way. @param pass leads it to the peer after all. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, pass: () => void) => void

/** A way to the scripted peer on which requests fare as a test wants. Everything else arrives. */
export interface UnrulyLink {
  readonly port: number
  /** The first whose pattern is found in the path decides. */
  readonly rules: { readonly path: RegExp; readonly behave: Behaviour }[]
  /** Paths of the requests that a rule has decided. */
  readonly met: string[]
  close(): void
}

const CHUNK = Buffer.alloc(64 * 1024, ' ')

/** Closes the connection without an answer. */
export const drops: Behaviour = (request) => void request.socket.destroy()

/** Answers without end, as fast as it is read. */
export const endless: Behaviour = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const more = (): void => {
    if (!response.destroyed) response.write(CHUNK, more)
  }
  more()
}

/** Answers byte by byte, for ever. */
export const drips: Behaviour = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 50)
  response.on('close', () => clearInterval(timer))
}

/** Lets it through after a while. */
export const late =
  (ms: number): Behaviour =>
  (_request, _response, pass) =>
    void setTimeout(pass, ms)

/** Answers something else. */
export const answers =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (_, response) =>
    void response.writeHead(status, headers).end(body)

/** Opens one for the peer's name and certificate. */
export async function unrulyLink(
  network: PrivateNetwork,
  name: string,
  peerPort: number,
): Promise<UnrulyLink> {
  const { certificate, privateKey } = await network.issue(name)
  const rules: UnrulyLink['rules'][number][] = []
  const met: string[] = []
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const pass = (): void => passOn(request, response, peerPort)
    const rule = rules.find(({ path }) => path.test(request.url ?? ''))
    if (!rule) return pass()
    met.push(request.url ?? '')
    rule.behave(request, response, pass)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    rules,
    met,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function passOn(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = request
  const onward = httpsRequest(
    { host: '127.0.0.1', port, method, path: url, headers, rejectUnauthorized: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  onward.on('error', () => request.socket.destroy())
  request.pipe(onward)
}
