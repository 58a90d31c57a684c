import { z } from 'zod'
import { size } from '../values/size.ts'

const HIGHEST_PORT = 65_535
const DEFAULT_POOL_SIZE = 10
const DEFAULT_CACHE_SIZE = '256M'

const args = z.strictObject({
  user: z.string().optional(),
  password: z.string().optional(),
  dbname: z.string().optional(),
  database: z.string().optional(),
  host: z.string().optional(),
  port: z.coerce.number().int().min(1).max(HIGHEST_PORT).optional(),
  sslmode: z.enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']).optional(),
  sslrootcert: z.string().optional(),
  cp_min: z.int().positive().optional(),
  cp_max: z.int().positive().optional(),
})

/** Where the data is kept, and how much of it in memory. */
export const databaseKeys = {
  database: z
    .strictObject({
      url: z
        .string()
        .regex(/^postgres(ql)?:\/\//, 'expects postgresql://user:password@host/database')
        .optional(),
      pool_size: z.int().positive().optional(),
      name: z.literal('psycopg2', 'expects psycopg2 (PostgreSQL); Meridian has no SQLite').optional(),
      args: args.optional(),
    })
    .refine((value) => (value.url === undefined) !== (value.args === undefined), 'needs either url or args')
    .optional(),
  caches: z.strictObject({ max_memory: size.prefault(DEFAULT_CACHE_SIZE) }).prefault({}),
}

type Keys = z.output<z.ZodObject<typeof databaseKeys>>

/** Fields of node-postgres. */
export interface ExternalDatabaseAddress {
  readonly connectionString?: string
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
  readonly password?: string
  readonly ssl?: boolean | { readonly rejectUnauthorized: boolean; readonly ca?: string }
}

export type DatabaseConfig =
  | { readonly kind: 'embedded'; readonly poolSize: number }
  | { readonly kind: 'external'; readonly address: ExternalDatabaseAddress; readonly poolSize: number }

export interface CachesConfig {
  /** One budget for all caches together, in bytes. */
  readonly maxMemoryBytes: number
}

/** libpq verifies the certificate from `verify-ca` on; `prefer` and `allow` are taken as their unencrypted half. */
function tlsOf(
  { sslmode, sslrootcert }: z.output<typeof args>,
  readText: (path: string) => string,
): ExternalDatabaseAddress['ssl'] {
  if (sslmode === 'require') return { rejectUnauthorized: false }
  if (sslmode !== 'verify-ca' && sslmode !== 'verify-full') return false
  return sslrootcert ? { rejectUnauthorized: true, ca: readText(sslrootcert) } : { rejectUnauthorized: true }
}

/** @param readText reads a file that the configuration names. */
export function databaseConfig(keys: Keys, readText: (path: string) => string): DatabaseConfig {
  const { database } = keys
  const poolSize = database?.pool_size ?? database?.args?.cp_max ?? DEFAULT_POOL_SIZE
  if (database?.url) return { kind: 'external', address: { connectionString: database.url }, poolSize }
  if (!database?.args) return { kind: 'embedded', poolSize }
  const { user, password, host, port, dbname } = database.args
  const name = dbname ?? database.args.database
  const address: ExternalDatabaseAddress = {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(name !== undefined && { database: name }),
    ssl: tlsOf(database.args, readText) ?? false,
  }
  return { kind: 'external', address, poolSize }
}

export function cachesConfig(keys: Keys): CachesConfig {
  return { maxMemoryBytes: keys.caches.max_memory }
}
