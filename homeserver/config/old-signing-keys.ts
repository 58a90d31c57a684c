import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { replacePrivateFile } from './private-file.ts'

const FILE_NAME = 'old-signing-keys.json'
const contents = z.record(z.string(), z.strictObject({ key: z.string(), expired_ts: z.int() }))

/** A key that the server has signed with before. */
export interface OldSigningKey {
  /** Unpadded base64. */
  readonly key: string
  /** When it stopped, in ms since 1970. */
  readonly expiredTs: number
}

/** The keys that `meridian keys rotate` has retired, by key id. */
export async function loadOldSigningKeys(dataDir: string): Promise<Map<string, OldSigningKey>> {
  const path = join(dataDir, FILE_NAME)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  try {
    const keys = Object.entries(contents.parse(JSON.parse(text)))
    return new Map(keys.map(([id, { key, expired_ts }]) => [id, { key, expiredTs: expired_ts }]))
  } catch {
    throw new ConfigError(
      `${path} is damaged. Put it back from a copy, or name the old keys in old_signing_keys.`,
    )
  }
}

/** Replaces the retired keys of a data directory. */
export async function saveOldSigningKeys(
  dataDir: string,
  keys: ReadonlyMap<string, OldSigningKey>,
): Promise<void> {
  const entries = [...keys].map(([id, { key, expiredTs }]) => [id, { key, expired_ts: expiredTs }])
  const text = JSON.stringify(Object.fromEntries(entries), null, 2)
  await replacePrivateFile(join(dataDir, FILE_NAME), `${text}\n`)
}
