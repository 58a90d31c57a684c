import type { Config } from '../config/config.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { createMailer } from '../mail/mailer.ts'
import { AddressProofs } from '../third-party-ids/address-proofs.ts'
import type { RoomServices } from '../rooms/room-services.ts'

/** Connects the mail server of the configuration; undefined where there is none. Before the start of the jobs. */
export function openAddressProofs(
  { thirdPartyIds: { email }, identity, secrets, serverName }: Config,
  { queries }: Pick<RoomServices, 'queries'>,
  jobs: JobRunner,
  closing: AsyncDisposableStack,
): AddressProofs | undefined {
  const { publicBaseUrl } = identity
  if (!email || publicBaseUrl === undefined) return undefined
  const mailer = createMailer(email)
  closing.defer(() => mailer.close())
  return new AddressProofs({
    queries,
    jobs,
    mailer,
    email,
    serverName,
    publicBaseUrl,
    secret: secrets.serverSecret,
  })
}
