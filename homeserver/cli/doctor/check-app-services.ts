import { pingService } from '../../appservices/client/ping-service.ts'
import { ServiceClient } from '../../appservices/client/service-client.ts'
import type { AppService } from '../../appservices/registration/app-service.ts'
import type { Config } from '../../config/config.ts'
import { ok, reasonOf, warn, type Finding } from './finding.ts'

const SUBJECT = 'application services'
const TIMEOUT_MS = 5_000

async function check(client: ServiceClient, service: AppService): Promise<Finding> {
  const { id, url } = service
  if (url === undefined) return ok(SUBJECT, `${id} is registered and wants to be told nothing.`)
  try {
    await pingService(client, service, undefined, TIMEOUT_MS)
    return ok(SUBJECT, `${id} answers at ${url}.`)
  } catch (error) {
    const advice = 'Is the bridge running, and is its registration the one that this server reads?'
    return warn(SUBJECT, `${id} at ${url}: ${reasonOf(error)}. What happens waits for it. ${advice}`)
  }
}

/** Whether every application service answers and knows this server's token. */
export async function checkAppServices({ appServices }: Pick<Config, 'appServices'>): Promise<Finding[]> {
  const client = new ServiceClient()
  return Promise.all(appServices.map((service) => check(client, service)))
}
