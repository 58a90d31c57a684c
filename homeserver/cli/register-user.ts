import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { ask, askSecretly } from './ask.ts'
import { registerBySharedSecret } from './shared-secret-registration.ts'
import { configSource, type SourceOptions } from './source-options.ts'

export interface RegisterUserOptions extends SourceOptions {
  readonly user?: string
  readonly password?: string
  readonly admin?: boolean
  readonly url?: string
}

/** Where this machine reaches the server that the configuration describes. */
export function localBaseUrl(config: Config): string {
  const listener = config.listeners.listeners.find((entry) => entry.resources.has('client'))
  if (!listener) throw new Error('No listener serves clients. Name the server with --url.')
  const [bound = '127.0.0.1'] = listener.bindAddresses
  const host = bound === '0.0.0.0' || bound === '::' ? '127.0.0.1' : bound
  return `${listener.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${listener.port}`
}

/** `meridian register-user`: makes an account on the running server. @returns what to tell the administrator. */
export async function registerUser(options: RegisterUserOptions): Promise<string> {
  const config = await loadConfig(configSource(options))
  const username = options.user ?? (await ask('User name: '))
  const password = options.password ?? (await askSecretly('Password: '))
  if (options.password === undefined && (await askSecretly('Once more: ')) !== password) {
    throw new Error('The two passwords differ.')
  }
  const base = options.url ?? localBaseUrl(config)
  const account = { username, password, admin: options.admin ?? false }
  const userId = await registerBySharedSecret(base, config.secrets.registrationSharedSecret, account).catch(
    (error: unknown) => {
      if (error instanceof TypeError) {
        throw new Error(
          `No server answers at ${base}. Start it first ("meridian start"), or name it with --url.`,
        )
      }
      throw error
    },
  )
  return `Registered ${userId}${account.admin ? ', who administrates the server' : ''}.`
}
