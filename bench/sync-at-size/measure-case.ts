import { loadavg } from 'node:os'
import type { DatabaseAddress } from '../../storage/database.ts'
import { startServer, URL_OF_SERVER } from '../compare/running-server.ts'
import { memoryOf, processorSecondsOf } from '../measure/server-process.ts'
import { summarise, type Latency } from '../measure/statistics.ts'
import type { SyncCase } from './case.ts'
import { faultsOf } from './expect-answer.ts'
import type { Size } from './size.ts'
import { committedTransactions } from './statement-count.ts'
import { SyncClient, type Timing } from './sync-client.ts'
import type { Workshop } from './workshop.ts'

/** What one case took on a server that was started for it. */
export interface CaseResult {
  readonly name: string
  readonly title: string
  /** Size of an answer in MB. */
  readonly answerMb: number
  /** The first request after the start, in milliseconds. */
  readonly coldMs: number
  readonly inARow: Measured
  readonly together: Measured
  /** Resident set of the server's process after its start, in MB. */
  readonly idleMb: number
  /** The highest one by the end. */
  readonly peakMb: number
  readonly faults: readonly string[]
  /** Load average of the machine before the case. */
  readonly loadBefore: number
}

/** Requests of one manner; times in milliseconds. */
export interface Measured {
  readonly latency: Latency
  readonly firstByte: Latency
  /** Answers a second. */
  readonly perSecond: number
  /** Transactions of the database for an answer, reads being one each, with what the server does beside. */
  readonly transactions: number
  /** Processor time of the server's process for an answer, which other work on the machine changes least. */
  readonly processorMs: number
}

/** How much is asked. */
export interface Course {
  readonly size: Size
  readonly requests: number
  readonly atOnce: number
}

/** Starts the server, asks one after another and then together, each time as another user, and stops it. */
export async function measureCase(
  workshop: Workshop,
  directory: string,
  one: SyncCase,
  { size, requests, atOnce }: Course,
): Promise<CaseResult> {
  const { seeded, address } = workshop
  const query = { ...one.query, ...(one.catchesUp && { since: seeded.since }) }
  const tokenOf = (index: number): string => seeded.tokens[index % seeded.tokens.length]!
  const [loadBefore = NaN] = loadavg()
  const server = await startServer(workshop.command, directory)
  const client = new SyncClient(URL_OF_SERVER)
  try {
    const idleMb = (await memoryOf(server.pid))?.rssMb ?? NaN
    const cold = await client.time(tokenOf(0), query)
    const ask = (index: number): Promise<Timing> => client.time(tokenOf(index), query)
    const scene = { address, pid: server.pid }
    const inARow = await measure(scene, requests, 1, ask)
    const together = await measure(scene, requests, atOnce, ask)
    const peakMb = (await memoryOf(server.pid))?.peakMb ?? NaN
    const faults = faultsOf(await client.read(tokenOf(0), query), one, size)
    const { name, title } = one
    const answerMb = cold.bytes / 1e6
    return {
      name,
      title,
      answerMb,
      coldMs: cold.wholeMs,
      inARow,
      together,
      idleMb,
      peakMb,
      faults,
      loadBefore,
    }
  } finally {
    await client.close()
    await server.stop()
  }
}

async function measure(
  { address, pid }: { readonly address: DatabaseAddress; readonly pid: number },
  requests: number,
  atOnce: number,
  ask: (index: number) => Promise<Timing>,
): Promise<Measured> {
  const before = await committedTransactions(address)
  const processorBefore = (await processorSecondsOf(pid)) ?? NaN
  const timings: Timing[] = []
  const started = performance.now()
  let next = 0
  const asker = async (): Promise<void> => {
    while (next < requests) timings.push(await ask(next++))
  }
  await Promise.all(Array.from({ length: atOnce }, asker))
  const seconds = (performance.now() - started) / 1000
  const processorAfter = (await processorSecondsOf(pid)) ?? NaN
  const after = await committedTransactions(address)
  return {
    latency: summarise(timings.map(({ wholeMs }) => wholeMs))!,
    firstByte: summarise(timings.map(({ firstByteMs }) => firstByteMs))!,
    perSecond: requests / seconds,
    transactions: (after - before) / requests,
    processorMs: ((processorAfter - processorBefore) * 1000) / requests,
  }
}
