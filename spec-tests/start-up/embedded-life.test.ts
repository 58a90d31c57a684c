import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clusterOf } from '../../storage/embedded/placement.ts'
import { isPostgres } from '../../storage/embedded/postmaster-file.ts'
import { postmasterPid, scratchDirectory, startFixture, until, visit } from './server-process.ts'

describe('the life of the embedded database', () => {
  test('SIGTERM stops everything and the next start finds the data', async () => {
    await using scratch = await scratchDirectory()
    const dataDir = join(scratch.path, 'data')
    const first = startFixture(dataDir)
    expect(await visit(await first.ready())).toBe(1)
    const pid = (await postmasterPid(dataDir)) ?? 0
    expect(pid).toBeGreaterThan(0)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(await isPostgres(pid)).toBe(false)

    const second = startFixture(dataDir)
    expect(await visit(await second.ready())).toBe(2)
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  })

  test('SIGKILL of Node alone: the next start takes the database over', async () => {
    await using scratch = await scratchDirectory()
    const dataDir = join(scratch.path, 'data')
    const first = startFixture(dataDir)
    expect(await visit(await first.ready())).toBe(1)
    const left = (await postmasterPid(dataDir)) ?? 0
    first.child.kill('SIGKILL')
    await first.ended
    expect(await isPostgres(left)).toBe(true)

    const second = startFixture(dataDir)
    expect(await visit(await second.ready())).toBe(2)
    expect(second.output()).toContain('taking it over')
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    expect(await isPostgres(left)).toBe(false)
    expect(await postmasterPid(dataDir)).toBeUndefined()
  })

  test('SIGKILL of Node and PostgreSQL: the next start recovers what was committed', async () => {
    await using scratch = await scratchDirectory()
    const dataDir = join(scratch.path, 'data')
    const first = startFixture(dataDir)
    expect(await visit(await first.ready())).toBe(1)
    first.child.kill('SIGKILL')
    process.kill((await postmasterPid(dataDir)) ?? 0, 'SIGKILL')
    await first.ended

    const second = startFixture(dataDir)
    expect(await visit(await second.ready())).toBe(2)
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  })

  test('PostgreSQL dies under a running server: it is started again, and the server goes on', async () => {
    await using scratch = await scratchDirectory()
    const dataDir = join(scratch.path, 'data')
    const server = startFixture(dataDir)
    const url = await server.ready()
    expect(await visit(url)).toBe(1)
    const killed = (await postmasterPid(dataDir)) ?? 0
    process.kill(killed, 'SIGKILL')
    await until(async () => ![undefined, killed].includes(await postmasterPid(dataDir)))
    await until(async () => (await fetch(url)).ok)
    expect(await visit(url)).toBeGreaterThanOrEqual(3)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(await postmasterPid(dataDir)).toBeUndefined()
  })

  test('a second start on the same data is refused, and the first goes on', async () => {
    await using scratch = await scratchDirectory()
    const dataDir = join(scratch.path, 'data')
    const first = startFixture(dataDir)
    const url = await first.ready()
    const second = startFixture(dataDir)
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain(`Another Meridian (process ${first.child.pid}) is using the data`)
    expect(await visit(url)).toBe(1)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
  })

  test('two first starts at the same moment: one serves, the other is refused', async () => {
    await using scratch = await scratchDirectory()
    const dataDir = join(scratch.path, 'data')
    const both = [startFixture(dataDir), startFixture(dataDir)] as const
    const refused = await Promise.race(both.map(async (server) => (await server.ended, server)))
    expect(refused.output()).toContain('Another Meridian')
    const serving = refused === both[0] ? both[1] : both[0]
    expect(await visit(await serving.ready())).toBe(1)
    serving.child.kill('SIGTERM')
    expect(await serving.ended).toBe(0)
  })

  test('a signal during the first start leaves no process and no half of a cluster', async () => {
    await using scratch = await scratchDirectory()
    const dataDir = join(scratch.path, 'data')
    const first = startFixture(dataDir)
    await until(() =>
      readFile(join(dataDir, 'server-name'), 'utf8').then(
        () => true,
        () => false,
      ),
    )
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(0)
    expect(await postmasterPid(dataDir)).toBeUndefined()

    const second = startFixture(dataDir)
    expect(await visit(await second.ready())).toBe(1)
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  })

  test('data of another major version is refused with what to do', async () => {
    await using scratch = await scratchDirectory()
    const dataDir = join(scratch.path, 'data')
    const cluster = await clusterOf(dataDir)
    await mkdir(cluster, { recursive: true })
    await writeFile(join(cluster, 'PG_VERSION'), '14\n')
    const server = startFixture(dataDir)
    expect(await server.ended).toBe(1)
    expect(server.output()).toContain('was written by PostgreSQL 14')
    expect(server.output()).toContain('pg_dump')
  })
})
