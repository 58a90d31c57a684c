import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

/** What a gateway was told (push gateway API). */
export interface Notification {
  readonly event_id?: string
  readonly room_id?: string
  readonly type?: string
  readonly prio?: string
  readonly counts?: { readonly unread?: number }
  readonly devices: readonly { readonly pushkey: string; readonly [key: string]: unknown }[]
  readonly [key: string]: unknown
}

/** What it has seen. */
interface Seen {
  readonly received: readonly { readonly notification: Notification }[]
  /** Requests, those that it failed among them. */
  readonly asked: number
  /** The most requests that it had open at the same time. */
  readonly mostAtOnce: number
}

/** A push gateway in a process of its own, on loopback. */
export interface PushGateway {
  /** What pushers name. */
  readonly url: string
  /** Changes how it answers from now on. */
  behave(change: { delayMs?: number; status?: number; rejected?: string[]; hangs?: boolean }): Promise<void>
  seen(): Promise<Seen>
  /** What a key was told of, badges alone left out. */
  eventsOf(pushkey: string): Promise<readonly Notification[]>
  /** Waits until a key was told of an event. */
  told(pushkey: string, eventId: string): Promise<Notification>
  /** Kills the process. */
  close(): Promise<void>
}

const PROCESS = join(import.meta.dirname, 'push-gateway-process.ts')

/** Starts one. @param port 0 for one of the system's choice. */
export async function startPushGateway(port = 0): Promise<PushGateway> {
  const child = spawn(process.execPath, [PROCESS, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  const origin = `http://127.0.0.1:${/\d+/.exec(chunk.toString())![0]}`
  const seen = async (): Promise<Seen> => (await (await fetch(`${origin}/seen`)).json()) as Seen
  const eventsOf = async (pushkey: string): Promise<readonly Notification[]> =>
    (await seen()).received
      .map(({ notification }) => notification)
      .filter(({ devices, room_id }) => room_id !== undefined && devices[0]!.pushkey === pushkey)
  return {
    url: `${origin}/_matrix/push/v1/notify`,
    behave: async (change) => {
      await fetch(`${origin}/behave`, { method: 'POST', body: JSON.stringify(change) })
    },
    seen,
    eventsOf,
    told: (pushkey, eventId) =>
      eventually(`a notification of ${eventId} for ${pushkey}`, async () =>
        (await eventsOf(pushkey)).find(({ event_id }) => event_id === eventId),
      ),
    close: async () => {
      const gone = once(child, 'close')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** What a client sets to be notified through a gateway. */
export function pusherFor(gateway: PushGateway, pushkey: string, data: object = {}) {
  return {
    kind: 'http',
    app_id: 'org.example.app',
    pushkey,
    app_display_name: 'App',
    device_display_name: 'Phone',
    lang: 'en',
    data: { url: gateway.url, ...data },
    append: true,
  }
}
