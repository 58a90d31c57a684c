import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { FewAtATime } from '../../turns/few-at-a-time.ts'
import type { ImageResult, ImageTask } from './image-task.ts'

/** One image may take so long; a photograph takes some tenths of a second. */
const TASK_TIMEOUT_MS = 20_000
/** Images that are decoded at the same time, each in a process of its own with all its memory. */
const MAX_PROCESSES = 2
/** Tasks that wait; each of them is a client that waits. */
const MAX_WAITING = 200
/** A process that has had nothing to do for this long ends. */
const IDLE_MS = 60_000

const PROGRAM = new URL(`./image-process${extname(import.meta.filename)}`, import.meta.url)

/** Has images decoded by processes of their own, bounded in number, time and memory. */
export class ImageWorker {
  readonly #turns = new FewAtATime(MAX_PROCESSES, MAX_WAITING)
  readonly #idle = new Set<ChildProcess>()
  readonly #busy = new Set<ChildProcess>()
  readonly #timeoutMs: number
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(timeoutMs = TASK_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs
  }

  /**
   * Does one task. An image that kills its process, or takes too long, is undecodable.
   *
   * @throws QueueFullError while too many wait; Error once closed.
   */
  async run(task: ImageTask): Promise<ImageResult> {
    return this.#turns.take(async () => {
      if (this.#closed) throw new Error('the server stops')
      const child = this.#take()
      const result = await this.#ask(child, task)
      if (result === 'died') {
        if (this.#closed) throw new Error('the server stops')
        return { fault: 'undecodable' }
      }
      this.#giveBack(child)
      return result
    })
  }

  /** Ends all processes. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const child of [...this.#idle, ...this.#busy]) child.kill('SIGKILL')
  }

  #take(): ChildProcess {
    const [idle] = this.#idle
    const child = idle ?? fork(PROGRAM, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] })
    this.#idle.delete(child)
    this.#busy.add(child)
    return child
  }

  #giveBack(child: ChildProcess): void {
    this.#busy.delete(child)
    this.#idle.add(child)
    child.once('exit', () => this.#idle.delete(child))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      for (const idle of this.#idle) idle.kill('SIGKILL')
      this.#idle.clear()
    }, IDLE_MS).unref()
  }

  #ask(child: ChildProcess, task: ImageTask): Promise<ImageResult | 'died'> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), this.#timeoutMs)
      const end = (result: ImageResult | 'died'): void => {
        clearTimeout(timer)
        child.removeAllListeners()
        if (result === 'died') this.#busy.delete(child)
        resolve(result)
      }
      child.once('message', (result: ImageResult) => end(result))
      child.once('exit', () => end('died'))
      child.once('error', () => child.kill('SIGKILL'))
      child.send(task, (error) => error && child.kill('SIGKILL'))
    })
  }
}
