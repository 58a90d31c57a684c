import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { Mailer } from '../mail/mailer.ts'
import { MailNotices } from '../push/mail/mail-notices.ts'
import type { SyncServices } from '../sync/sync-services.ts'

/** Mails users about what they have not read; undefined where that is not configured. Before the start of the jobs. */
export function openMailNotices(
  { thirdPartyIds: { email }, identity, push, secrets, serverName }: Config,
  services: SyncServices,
  jobs: JobRunner,
  mailer: Mailer | undefined,
  log: Logger,
): MailNotices | undefined {
  const { publicBaseUrl } = identity
  if (!email?.notices || !push.enabled || !mailer || publicBaseUrl === undefined) return undefined
  return new MailNotices({
    services,
    jobs,
    mailer,
    email,
    notices: email.notices,
    serverName,
    publicBaseUrl,
    secret: secrets.serverSecret,
    onError: (error) => log.error({ err: error }, 'mails about messages were held up'),
  })
}
