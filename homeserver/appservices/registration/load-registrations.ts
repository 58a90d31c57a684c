import { readFile } from 'node:fs/promises'
import { ConfigError } from '../../config/config-error.ts'
import type { AppService } from './app-service.ts'
import { NAMESPACE_KINDS } from './namespaces.ts'
import { readRegistration, type ReadRegistration } from './registration-file.ts'

/** The application services of a configuration. */
export interface Registrations {
  readonly services: readonly AppService[]
  readonly notices: readonly string[]
}

/**
 * Reads all registration files.
 *
 * @param files absolute paths (`app_service_config_files`).
 * @throws ConfigError for a file that cannot be used, and for what two of them cannot share: the id, the `as_token`
 *   and an exclusive namespace.
 */
export async function loadRegistrations(
  files: readonly string[],
  serverName: string,
): Promise<Registrations> {
  const read: ReadRegistration[] = []
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new ConfigError(
        `The registration ${file} in app_service_config_files cannot be read (${error.code ?? error.message}).`,
      )
    })
    read.push(readRegistration(text, file, serverName))
  }
  refuseShared(read, 'id', ({ service }) => [service.id])
  refuseShared(read, 'as_token', ({ service }) => [service.asTokenHash.toString('base64')])
  for (const kind of NAMESPACE_KINDS) {
    refuseShared(
      read,
      `the exclusive namespace in ${kind}`,
      ({ entries }) => new Set(entries[kind].filter(({ exclusive }) => exclusive).map(({ regex }) => regex)),
    )
  }
  return { services: read.map(({ service }) => service), notices: read.flatMap(({ notices }) => notices) }
}

function refuseShared(
  read: readonly ReadRegistration[],
  what: string,
  valuesOf: (registration: ReadRegistration) => Iterable<string>,
): void {
  const owners = new Map<string, string>()
  for (const registration of read) {
    for (const value of valuesOf(registration)) {
      const owner = owners.get(value)
      if (owner !== undefined) {
        throw new ConfigError(
          `${registration.file}: ${what} is that of ${owner} as well. Each application service needs its own.`,
        )
      }
      owners.set(value, registration.file)
    }
  }
}
