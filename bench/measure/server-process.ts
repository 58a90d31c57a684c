import { readdir, readFile, readlink } from 'node:fs/promises'

/** `st` column of /proc/net/tcp for a listening socket. */
const LISTENING = '0A'

export interface ServerMemory {
  /** Resident set in MB now. */
  rssMb: number
  /** The highest resident set in MB since the process started. */
  peakMb: number
}

/**
 * Finds the local process that listens on a TCP port, by /proc (Linux).
 * @returns its process id, or undefined where nothing of the kind can be seen
 */
export async function findListener(port: number): Promise<number | undefined> {
  const inodes = await listeningInodes(port)
  if (inodes.size === 0) return undefined
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    for (const link of await openFiles(entry)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
      if (inode !== undefined && inodes.has(inode)) return Number(entry)
    }
  }
  return undefined
}

/** Memory of one process; undefined once it is gone, or where there is no /proc. */
export async function memoryOf(pid: number): Promise<ServerMemory | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined)
  const now = kilobytes(status, 'VmRSS')
  const peak = kilobytes(status, 'VmHWM')
  if (now === undefined || peak === undefined) return undefined
  return { rssMb: now / 1024, peakMb: peak / 1024 }
}

/** Linux counts processor time in these. */
const TICKS_PER_SECOND = 100

/** Seconds of processor time that a process has taken, in all its threads; undefined once it is gone. */
export function processorSecondsOf(pid: number): Promise<number | undefined> {
  return secondsIn(`/proc/${pid}/stat`)
}

/** The same of its first thread alone, in which a Node process serves. */
export function mainThreadSecondsOf(pid: number): Promise<number | undefined> {
  return secondsIn(`/proc/${pid}/task/${pid}/stat`)
}

async function secondsIn(file: string): Promise<number | undefined> {
  const stat = await readFile(file, 'utf8').catch(() => undefined)
  // The name of the program stands in parentheses and may hold spaces; `utime` and `stime` are fields 14 and 15.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function kilobytes(status: string | undefined, field: string): number | undefined {
  const found = status && new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  return found ? Number(found) : undefined
}

async function listeningInodes(port: number): Promise<Set<string>> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1)
    for (const line of lines) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (local?.endsWith(`:${wanted}`) && state === LISTENING && inode !== undefined) inodes.add(inode)
    }
  }
  return inodes
}

/** Targets of a process's descriptors; none when the process is gone or belongs to somebody else. */
async function openFiles(pid: string): Promise<string[]> {
  const directory = `/proc/${pid}/fd`
  const names = await readdir(directory).catch(() => [])
  return Promise.all(names.map((name) => readlink(`${directory}/${name}`).catch(() => '')))
}
