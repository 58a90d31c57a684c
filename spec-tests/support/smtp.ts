import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { eventually } from './eventually.ts'

/** A mail as a server has taken it. */
export interface ReceivedMail {
  readonly to: readonly string[]
  /** With the encoding of lines undone. */
  readonly raw: string
}

/** An SMTP server in a process of its own, on loopback. */
export interface SmtpServer {
  readonly port: number
  /** Every mail so far. */
  readonly mails: readonly ReceivedMail[]
  /** Waits for the next mail to an address after the first `seen`, and returns it. */
  mailTo(address: string, seen?: number): Promise<ReceivedMail>
  close(): Promise<void>
}

const PROCESS = join(import.meta.dirname, 'smtp-process.ts')

/**
 * Starts one.
 *
 * @param options.refuses whether it refuses the first mails for the time being.
 * @param options.port of one that was there before; any unless given.
 */
export async function startSmtpServer(
  options: { refuses?: boolean; port?: number } = {},
): Promise<SmtpServer> {
  const flags = [...(options.refuses ? ['--refuse'] : []), `--port=${options.port ?? 0}`]
  const child = spawn(process.execPath, [PROCESS, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const [first] = (await once(lines, 'line')) as [string]
  const { port } = JSON.parse(first) as { port: number }
  const mails: ReceivedMail[] = []
  lines.on('line', (line) => {
    const { to, raw } = JSON.parse(line) as ReceivedMail
    mails.push({ to, raw: plain(raw) })
  })
  const to = (address: string) => mails.filter((mail) => mail.to.includes(address))
  return {
    port,
    mails,
    mailTo: (address, seen = 0) => eventually(`a mail to ${address}`, () => to(address)[seen]),
    close: async () => {
      const gone = once(child, 'close')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** The link of a mail that asks for a proof. */
export function linkIn({ raw }: ReceivedMail): URL {
  return new URL(/^https?:\S+submit_token\S+$/m.exec(raw)![0])
}

/** Unfolds the headers (RFC 5322) and undoes quoted-printable (RFC 2045) in what follows them. */
function plain(raw: string): string {
  const end = raw.indexOf('\r\n\r\n')
  const headers = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ')
  return headers.replaceAll('\r\n', '\n') + decoded(raw.slice(end))
}

function decoded(body: string): string {
  return body
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replaceAll('\r\n', '\n')
}
