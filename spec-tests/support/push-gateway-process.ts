import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How the gateway behaves; `POST /behave` changes it. */
interface Behaviour {
  /** Before it answers. */
  readonly delayMs: number
  readonly status: number
  /** Keys that it rejects. */
  readonly rejected: readonly string[]
  /** Answers never. */
  readonly hangs: boolean
}

let behaviour: Behaviour = { delayMs: 0, status: 200, rejected: [], hangs: false }
const received: unknown[] = []
let [asked, atOnce, mostAtOnce] = [0, 0, 0]

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function notify(request: IncomingMessage, answer: ServerResponse): Promise<void> {
  asked += 1
  mostAtOnce = Math.max(mostAtOnce, ++atOnce)
  try {
    const body: unknown = JSON.parse(await textOf(request))
    const { delayMs, status, rejected, hangs } = behaviour
    if (hangs) return
    if (delayMs > 0) await sleep(delayMs)
    if (status === 200) received.push(body)
    answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ rejected }))
  } finally {
    atOnce -= 1
  }
}

const server = createServer((request, answer) => {
  const control = async (): Promise<void> => {
    if (request.url === '/behave')
      behaviour = { ...behaviour, ...(JSON.parse(await textOf(request)) as object) }
    answer.end(JSON.stringify({ received, asked, mostAtOnce }))
  }
  const handle = request.url === '/_matrix/push/v1/notify' ? notify(request, answer) : control()
  handle.catch(() => answer.destroy())
})
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`)
})
