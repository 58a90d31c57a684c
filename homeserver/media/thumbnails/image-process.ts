import type { ImageTask } from './image-task.ts'
import { restrictDecoders, shrinkImage } from './shrink-image.ts'

/** The largest image that is decoded takes a few bytes a pixel; what takes more was made to. */
const MAX_RSS_BYTES = 768 * 1024 * 1024
const LOOK_INTERVAL_MS = 50

/**
 * The program of the process that decodes images: its own, so that a file which breaks a decoder, or has it swell,
 * ends nothing but this.
 */
restrictDecoders()
setInterval(() => {
  if (process.memoryUsage.rss() > MAX_RSS_BYTES) process.kill(process.pid, 'SIGKILL')
}, LOOK_INTERVAL_MS).unref()
process.on('message', (task: ImageTask) => {
  void shrinkImage(task).then((result) => process.send?.(result))
})
process.on('disconnect', () => process.exit())
