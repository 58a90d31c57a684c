import type { Config } from '../config/config.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { Mailer } from '../mail/mailer.ts'
import { AddressProofs } from '../third-party-ids/address-proofs.ts'
import type { RoomServices } from '../rooms/room-services.ts'

/** Lets users prove addresses; undefined where no mail is sent. Before the start of the jobs. */
export function openAddressProofs(
  { thirdPartyIds: { email }, identity, secrets, serverName }: Config,
  { queries }: Pick<RoomServices, 'queries'>,
  jobs: JobRunner,
  mailer: Mailer | undefined,
): AddressProofs | undefined {
  const { publicBaseUrl } = identity
  if (!email || !mailer || publicBaseUrl === undefined) return undefined
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
