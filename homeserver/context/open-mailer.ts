import type { Config } from '../config/config.ts'
import { createMailer, type Mailer } from '../mail/mailer.ts'

/** Connects the mail server of the configuration; undefined where there is none. */
export function openMailer(
  { thirdPartyIds: { email } }: Config,
  closing: AsyncDisposableStack,
): Mailer | undefined {
  if (!email) return undefined
  const mailer = createMailer(email)
  closing.defer(() => mailer.close())
  return mailer
}
