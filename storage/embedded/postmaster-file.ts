import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a running PostgreSQL says of itself in `postmaster.pid` (PostgreSQL manual, "Database File Layout"). */
export interface PostmasterFile {
  readonly pid: number
  /** Undefined until it listens. */
  readonly socketDirectory: string | undefined
}

const FILE_NAME = 'postmaster.pid'
const PID_LINE = 0
const SOCKET_DIRECTORY_LINE = 4
/** Beyond the largest process id of any Linux (2^22) and macOS (99998), with as many digits as fit an int. */
const IMPOSSIBLE_PID = '2147483646'

/** The file's contents, or undefined when there is none or it is half written. */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(cluster, FILE_NAME), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[PID_LINE])
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  return { pid, socketDirectory: lines[SOCKET_DIRECTORY_LINE] || undefined }
}

/**
 * Whether that process is a PostgreSQL. After a SIGKILL, and above all in a container, another process may have
 * got the number.
 */
export async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const zombie = /^\d+ \(.*\) Z/s.test(status)
  return !zombie && name.startsWith('postgres')
}

/**
 * Makes PostgreSQL see that the process named in the file is gone although its number is in use by another
 * program. The rest of the file stays: PostgreSQL still checks its shared memory for orphaned workers.
 */
export async function disownPid(cluster: string, pid: number): Promise<void> {
  const path = join(cluster, FILE_NAME)
  const text = await readFile(path, 'utf8').catch(() => '')
  const lines = text.split('\n')
  if (lines[PID_LINE]?.trim() !== String(pid)) return
  lines[PID_LINE] = IMPOSSIBLE_PID
  const file = await open(path, 'w')
  await file.writeFile(lines.join('\n'))
  await file.close()
}
