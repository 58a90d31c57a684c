import { readFileSync } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import { createDataDirectory } from '../../storage/embedded/placement.ts'
import { loadRegistrations } from '../appservices/registration/load-registrations.ts'
import { LIVE_SETTINGS } from '../live/live-settings.ts'
import { parseConfigDocument, type ConfigDocument } from './config-document.ts'
import { ConfigError } from './config-error.ts'
import type { Config } from './config.ts'
import { fileSchema } from './file-schema.ts'
import { loadOldSigningKeys } from './old-signing-keys.ts'
import { readOrCreatePrivateFile } from './private-file.ts'
import { loadSecrets } from './secrets.ts'
import { callsConfig } from './sections/calls.ts'
import { cachesConfig, databaseConfig } from './sections/database.ts'
import { thirdPartyIdsConfig } from './sections/email.ts'
import { federationConfig } from './sections/federation.ts'
import { identityConfig } from './sections/identity.ts'
import { listenersConfig } from './sections/listeners.ts'
import { mediaConfig } from './sections/media.ts'
import { oauthConfig } from './sections/oauth.ts'
import { ssoConfig } from './sections/oidc.ts'
import { operationsConfig } from './sections/operations.ts'
import { policyServerConfig } from './sections/policy-server.ts'
import { presenceConfig } from './sections/presence.ts'
import { pushConfig } from './sections/push.ts'
import { rateLimitsConfig } from './sections/rate-limits.ts'
import { loginConfig, registrationConfig } from './sections/registration.ts'
import { redisConfig } from './sections/redis.ts'
import { delayedEventsConfig } from './sections/delayed-events.ts'
import { roomsConfig } from './sections/rooms.ts'
import { searchConfig, userDirectoryConfig } from './sections/search.ts'
import { serverNoticesConfig } from './sections/server-notices.ts'
import { urlPreviewConfig } from './sections/url-previews.ts'
import { setAsideSynapseKeys } from './set-aside-synapse-keys.ts'
import { loadSigningKeys } from './signing-keys.ts'

/** Where the server keeps its data unless it is told otherwise: below the directory that it is started in. */
const DEFAULT_DATA_DIRECTORY = 'data'
/** The file that is read when none is named, in the data directory. */
export const DEFAULT_CONFIG_NAME = 'homeserver.yaml'
/** For the first try on one's own machine. It can talk to clients there, and to no other server. */
const DEFAULT_SERVER_NAME = 'localhost'

export interface ConfigSource {
  /** `--config`; else `homeserver.yaml` in the data directory, if it is there. */
  readonly file?: string | undefined
  /** `--data`; else the file's `data_dir`; else `./data`. */
  readonly dataDir?: string | undefined
}

type FileKeys = z.output<typeof fileSchema>

/** One line for each thing that is wrong: file, line, key, sentence. */
function explain(issues: readonly z.core.$ZodIssue[], document: ConfigDocument, name: string): ConfigError {
  const lines = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = [...issue.path, key]
        return `${name}, line ${document.lineOf(path)}: ${path.join('.')} is not a key that Meridian knows. Check its spelling, or remove it.`
      })
    }
    return [
      `${name}, line ${document.lineOf(issue.path)}: ${issue.path.join('.')} ${sentence(issue.message)}.`,
    ]
  })
  return new ConfigError(lines.join('\n'))
}

/** Zod's own messages begin with a capital and stand alone; ours continue after the key. */
function sentence(message: string): string {
  return /^[A-Z]/.test(message) ? `is wrong: ${message}` : message
}

function parseKeys(text: string, name: string): { keys: FileKeys; notices: string[] } {
  const document = parseConfigDocument(text, name)
  const { values, notices } = setAsideSynapseKeys(document)
  const result = fileSchema.safeParse(values)
  if (!result.success) throw explain(result.error.issues, document, name)
  return { keys: result.data, notices }
}

async function findFile(source: ConfigSource): Promise<string | undefined> {
  if (source.file !== undefined) return resolve(source.file)
  const file = resolve(source.dataDir ?? DEFAULT_DATA_DIRECTORY, DEFAULT_CONFIG_NAME)
  return access(file).then(
    () => file,
    () => undefined,
  )
}

/** The data belongs to one name for good: every user, room and event in it carries the name. */
async function rememberServerName(dataDir: string, wanted: string | undefined): Promise<string> {
  const path = join(dataDir, 'server-name')
  const name = (await readOrCreatePrivateFile(path, () => `${wanted ?? DEFAULT_SERVER_NAME}\n`)).trim()
  if (wanted === undefined || wanted === name) return name
  throw new ConfigError(
    `The data in ${dataDir} belongs to the server ${name}, and the configuration says server_name: ${wanted}. ` +
      'A server cannot be renamed. Set the old name again, or start with an empty data directory (--data).',
  )
}

/**
 * Reads and checks the configuration. Secrets and the signing key that it does not name are made in the data
 * directory, which is created if need be.
 *
 * @throws ConfigError saying file, line, key and what to do.
 */
export async function loadConfig(source: ConfigSource = {}): Promise<Config> {
  const file = await findFile(source)
  const text =
    file === undefined
      ? ''
      : await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw new ConfigError(`The configuration ${file} cannot be read (${error.code ?? error.message}).`)
        })
  const { keys, notices } = parseKeys(text, file ?? 'defaults')
  if (file !== undefined && keys.server_name === undefined) {
    throw new ConfigError(`${file}: server_name is missing. Add for example "server_name: example.org".`)
  }
  const base = file === undefined ? process.cwd() : dirname(file)
  const resolvePath = (path: string): string => resolve(base, path)
  const readText = (path: string): string => readFileSync(resolvePath(path), 'utf8')
  const dataDir = source.dataDir !== undefined ? resolve(source.dataDir) : dataDirectoryOf(keys, resolvePath)
  await createDataDirectory(dataDir)
  const serverName = await rememberServerName(dataDir, keys.server_name)
  const secrets = await loadSecrets(keys, dataDir, resolvePath)
  const registrations = await loadRegistrations(keys.app_service_config_files.map(resolvePath), serverName)
  const keyIds = secrets.signingKeys.map((key) => key.keyId)
  return {
    file,
    dataDir,
    serverName,
    secrets,
    identity: identityConfig(keys, await loadOldSigningKeys(dataDir), keyIds),
    listeners: listenersConfig(keys, resolvePath),
    database: databaseConfig(keys, readText),
    redis: redisConfig(keys, readText),
    caches: cachesConfig(keys),
    registration: registrationConfig(keys, resolvePath, readText),
    login: loginConfig(keys),
    oauth: oauthConfig(keys),
    sso: ssoConfig(keys, (path) => readFileSync(resolvePath(path), 'utf8')),
    appServices: registrations.services,
    federation: federationConfig(keys, resolvePath),
    policyServer: await policyServerConfig(keys, async () => {
      const [key] = await loadSigningKeys(join(dataDir, 'policy-server.key'))
      return key
    }),
    rooms: roomsConfig(keys),
    delayedEvents: delayedEventsConfig(keys),
    search: searchConfig(keys),
    userDirectory: userDirectoryConfig(keys),
    presence: presenceConfig(keys),
    calls: callsConfig(keys, readText),
    push: pushConfig(keys),
    thirdPartyIds: thirdPartyIdsConfig(keys),
    live: LIVE_SETTINGS,
    serverNotices: serverNoticesConfig(keys),
    media: mediaConfig(
      keys,
      keys.media_store_path ? resolvePath(keys.media_store_path) : join(dataDir, 'media'),
    ),
    urlPreviews: urlPreviewConfig(keys, readText),
    rateLimits: rateLimitsConfig(keys),
    operations: operationsConfig(keys),
    notices: [...notices, ...registrations.notices],
  }
}

function dataDirectoryOf(keys: FileKeys, resolvePath: (path: string) => string): string {
  return keys.data_dir ? resolvePath(keys.data_dir) : resolve(DEFAULT_DATA_DIRECTORY)
}
