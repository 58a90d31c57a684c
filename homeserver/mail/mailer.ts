import { createTransport } from 'nodemailer'
import type { EmailConfig } from '../config/sections/email.ts'
import { fillTemplate } from './fill-template.ts'

/** A mail server that does not answer in this time is tried again by the job. */
const TIMEOUT_MS = 20_000

/** A mail to one address. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Who sends it, as in the configuration; without one the server does by the name of its app. */
  readonly from?: string
  /** Where its reader ends such mail by one `POST` (RFC 8058). */
  readonly unsubscribeUrl?: string
}

/** Hands mails to the server that the configuration names. */
export interface Mailer {
  /** @throws Error when the server does not take it. */
  send(mail: Mail): Promise<void>
  close(): void
}

/** Connects at the first mail. */
export function createMailer({ smtp, from, appName }: EmailConfig): Mailer {
  const transport = createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.forceTls,
    requireTLS: smtp.requireTls,
    ignoreTLS: !smtp.usesTls && !smtp.forceTls,
    ...(smtp.tlsName !== undefined && { tls: { servername: smtp.tlsName } }),
    ...(smtp.user !== undefined && { auth: { user: smtp.user, pass: smtp.password ?? '' } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // What stands in a mail comes from here alone: no files, no addresses to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async ({ to, subject, text, html, unsubscribeUrl, ...mail }) => {
      await transport.sendMail({
        // Objects, and not texts that would be read for several addresses.
        from: senderOf(mail.from ?? fillTemplate(from, { app: appName })),
        to: { name: '', address: to },
        subject,
        text,
        html,
        headers: {
          'Auto-Submitted': 'auto-generated',
          ...(unsubscribeUrl !== undefined && {
            'List-Unsubscribe': `<${unsubscribeUrl}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }),
        },
      })
    },
    close: () => transport.close(),
  }
}

/** A sender as the configuration has it: an address, or a name and an address in angle brackets. */
function senderOf(from: string): { name: string; address: string } {
  const named = /^(.*?)\s*<([^<>]+)>$/.exec(from.trim())
  if (!named) return { name: '', address: from.trim() }
  return { name: named[1]!, address: named[2]! }
}
