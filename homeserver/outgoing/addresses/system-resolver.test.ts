import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hostsFile, parseHosts } from './hosts-file.ts'
import { systemResolver } from './system-resolver.ts'

test('reads a hosts file as hosts(5) has it', () => {
  const hosts = parseHosts(
    '# nothing\n127.0.0.1\tlocalhost  LocalHost.test # more\n::1 localhost\nnonsense x\n\n1.2.3.4\n',
  )
  expect(Object.fromEntries(hosts)).toEqual({
    localhost: ['127.0.0.1', '::1'],
    'localhost.test': ['127.0.0.1'],
  })
})

test('notices that the file has changed, and does without one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-hosts-'))
  const path = join(directory, 'hosts')
  const lookUp = hostsFile(path)
  expect(await lookUp('a.test')).toEqual([])
  await writeFile(path, '10.0.0.1 a.test\n')
  expect(await lookUp('A.test')).toEqual(['10.0.0.1'])
  await writeFile(path, '10.0.0.22 a.test\n')
  expect(await lookUp('a.test')).toEqual(['10.0.0.22'])
  await rm(directory, { recursive: true })
})

test('finds localhost', async () => {
  expect(await systemResolver().addresses('localhost')).toContain('127.0.0.1')
})
