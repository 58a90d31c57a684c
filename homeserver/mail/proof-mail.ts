import type { ProofPurpose } from '../../storage/third-party-ids/address-proofs.ts'
import type { EmailConfig } from '../config/sections/email.ts'
import { escapeHtml } from '../http/escape-html.ts'
import { fillTemplate } from './fill-template.ts'
import type { Mail } from './mailer.ts'

/** What a mail that proves an address says. */
export interface ProofMail {
  readonly to: string
  readonly purpose: ProofPurpose
  readonly serverName: string
  readonly link: string
}

const ASKS: Readonly<Record<ProofPurpose, string>> = {
  register: 'Somebody, most likely you, wants to register an account with this address.',
  password: 'Somebody, most likely you, wants to set a new password for the account with this address.',
  add: 'Somebody, most likely you, wants to add this address to an account.',
}

const OTHERWISE: Readonly<Record<ProofPurpose, string>> = {
  register: 'If it was not you, you can ignore this mail: nothing happens then.',
  password: 'If it was not you, do not open the link: the password stays as it is then.',
  add: 'If it was not you, do not open the link: nothing happens then.',
}

/** Writes it, as plain text and as HTML. */
export function proofMail(config: EmailConfig, { to, purpose, serverName, link }: ProofMail): Mail {
  const template = purpose === 'password' ? config.subjects.passwordReset : config.subjects.emailValidation
  const subject = fillTemplate(template, { server_name: serverName, app: config.appName })
  const place = `${config.appName} on ${serverName}`
  const paragraphs = [ASKS[purpose], 'To confirm that it was you, open this link:']
  const text = [...paragraphs, link, OTHERWISE[purpose], `-- \n${place}`].join('\n\n')
  const html = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>
${paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n')}
<p><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p>
<p>${escapeHtml(OTHERWISE[purpose])}</p>
<p>${escapeHtml(place)}</p>
</body></html>
`
  return { to, subject, text, html }
}
