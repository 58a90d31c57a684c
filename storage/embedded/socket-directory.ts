import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DatabaseUser } from './database-user.ts'

/** The address of a Unix socket holds 108 bytes on Linux and 104 on macOS, with the closing NUL. */
const SOCKET_PATH_MAX_BYTES = process.platform === 'darwin' ? 103 : 107
/** PostgreSQL names its socket by the port, which exists in name only: nothing listens on TCP. */
export const SOCKET_PORT = 5432
const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`
const PRIVATE = 0o700
const SHORT_PARENT = '/tmp'
const SHORT_PREFIX = 'meridian-socket-'

/**
 * Makes the directory of PostgreSQL's socket, which only the database's account (and root) can enter: inside the
 * database's home, or under `/tmp` with a name that cannot be guessed where the path would be too long.
 */
export async function makeSocketDirectory(home: string, user: DatabaseUser | undefined): Promise<string> {
  let directory = join(home, 'socket')
  if (Buffer.byteLength(join(directory, SOCKET_NAME)) > SOCKET_PATH_MAX_BYTES) {
    directory = await mkdtemp(join(SHORT_PARENT, SHORT_PREFIX))
  } else {
    await mkdir(directory, { recursive: true, mode: PRIVATE })
    await chmod(directory, PRIVATE)
  }
  if (user) await chown(directory, user.uid, user.gid)
  return directory
}

/** Removes a directory that `makeSocketDirectory` made under `/tmp`; any other path is left alone. */
export async function removeShortSocketDirectory(directory: string): Promise<void> {
  if (dirname(directory) !== SHORT_PARENT || !basename(directory).startsWith(SHORT_PREFIX)) return
  await rm(directory, { recursive: true, force: true })
}
