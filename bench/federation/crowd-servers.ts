import { createServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { createSecureContext } from 'node:tls'

/** What the parent hands over: certificates with the names that each is for. */
export interface CrowdCertificate {
  readonly names: readonly string[]
  readonly certificate: string
  readonly privateKey: string
}

/** What the process tells: where its servers are, and how much of what they got when asked. */
export type CrowdReport = { readonly alive: number; readonly silent: number } | { readonly events: number }

/**
 * Many servers in one process of their own, so that their work is not taken for the sender's: all that take events
 * behind one port, and one port that is dialled in vain, because nobody ever answers there.
 */
let events = 0
const alive = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { pdus } = JSON.parse(Buffer.concat(chunks).toString()) as { pdus: readonly unknown[] }
    events += pdus.length
    response.setHeader('content-type', 'application/json')
    response.end('{"pdus":{}}')
  })
})
alive.keepAliveTimeout = 600_000
const silent = createTcpServer()

process.on('message', (message: readonly CrowdCertificate[] | 'count') => {
  if (message === 'count') return process.send!({ events } satisfies CrowdReport)
  for (const { names, certificate, privateKey } of message) {
    const context = createSecureContext({ cert: certificate, key: privateKey })
    for (const name of names) alive.addContext(name, context)
  }
  alive.listen(0, '127.0.0.1', () =>
    silent.listen(0, '127.0.0.1', () => {
      const portOf = (server: typeof silent): number => (server.address() as AddressInfo).port
      process.send!({ alive: portOf(alive), silent: portOf(silent) } satisfies CrowdReport)
    }),
  )
  return undefined
})
