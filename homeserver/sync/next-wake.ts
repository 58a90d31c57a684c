import type { UserView } from './user-view.ts'

/** Resolves at the view's next wake, after `ms`, or when the request is aborted. */
export function nextWake(view: UserView, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      stopWaiting()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    const stopWaiting = view.onWake(done)
    signal?.addEventListener('abort', done)
  })
}
