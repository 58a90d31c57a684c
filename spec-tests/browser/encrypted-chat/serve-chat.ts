import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, preview } from 'vite'

/** Where a page is served. */
export interface ServedPage {
  readonly url: string
  close(): Promise<void>
}

/** Bundles the page of encrypted chat, with the library and its WebAssembly, and serves it on loopback. */
export async function serveChat(): Promise<ServedPage> {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-page-'))
  const common = { configFile: false, root: import.meta.dirname, logLevel: 'error' } as const
  const options = { outDir: directory, emptyOutDir: true, target: 'esnext', minify: false } as const
  await build({ ...common, build: options })
  const server = await preview({
    ...common,
    build: options,
    preview: { host: '127.0.0.1', port: 0, strictPort: false },
  })
  return {
    url: server.resolvedUrls!.local[0]!,
    close: async () => {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
