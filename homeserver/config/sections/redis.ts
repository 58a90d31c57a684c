import { z } from 'zod'

const DEFAULT_PORT = 6379

/** The Redis over which several processes share their jobs; the names are Synapse's, `url` is ours. */
export const redisKeys = {
  redis: z
    .strictObject({
      enabled: z.boolean().optional(),
      url: z
        .url({ protocol: /^rediss?$/, error: 'expects an URL such as redis://localhost:6379/0' })
        .optional(),
      host: z.string().min(1).default('localhost'),
      port: z.int().min(1).max(65_535).default(DEFAULT_PORT),
      path: z.string().min(1).optional(),
      dbid: z.int().nonnegative().default(0),
      username: z.string().min(1).optional(),
      password: z.string().min(1).optional(),
      password_path: z.string().optional(),
    })
    .prefault({}),
}

type Keys = z.output<z.ZodObject<typeof redisKeys>>

/** Where Redis is. */
export interface RedisConfig {
  readonly host: string
  readonly port: number
  /** A socket in place of host and port. */
  readonly path: string | undefined
  readonly db: number
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
}

/** Undefined where one process does all the work. @param readSecret reads the file of `password_path`. */
export function redisConfig(
  { redis: keys }: Keys,
  readSecret: (path: string) => string,
): RedisConfig | undefined {
  if (!(keys.enabled ?? keys.url !== undefined)) return undefined
  const secretPath = keys.password_path
  const password = keys.password ?? (secretPath === undefined ? undefined : readSecret(secretPath).trim())
  if (keys.url === undefined) {
    const { host, port, path, dbid: db, username } = keys
    return { host, port, path, db, tls: false, username, password }
  }
  const url = new URL(keys.url)
  return {
    host: url.hostname,
    port: Number(url.port || DEFAULT_PORT),
    path: undefined,
    db: Number(url.pathname.slice(1) || keys.dbid),
    tls: url.protocol === 'rediss:',
    username: decodeURIComponent(url.username) || keys.username,
    password: decodeURIComponent(url.password) || password,
  }
}
