/** Thrown instead of waiting in a line that is too long. */
export class TooBusyError extends Error {
  constructor() {
    super('too many requests are waiting')
    this.name = 'TooBusyError'
  }
}

/**
 * Runs at most `running` tasks at a time; up to `waiting` more wait their turn.
 *
 * @returns a function that runs a task, and rejects with {@link TooBusyError} when the line is full.
 */
export function concurrencyLimit(
  running: number,
  waiting: number,
): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let active = 0
  const line: (() => void)[] = []

  return async (task) => {
    if (active < running) active++
    else if (line.length >= waiting) throw new TooBusyError()
    else await new Promise<void>((go) => line.push(go))
    try {
      return await task()
    } finally {
      // The place is handed on, not given up and taken again.
      const next = line.shift()
      if (next) next()
      else active--
    }
  }
}
