import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPostmasterFile } from './postmaster-file.ts'

test.each([
  ['nothing yet', '', undefined],
  ['no number', 'x\n', undefined],
  [
    'what is written before it listens',
    '17\n/data\n1795946500\n5432\n',
    { pid: 17, socketDirectory: undefined },
  ],
  ['the same with an empty line', '17\n/data\n1795946500\n5432\n\n', { pid: 17, socketDirectory: undefined }],
  ['all', '17\n/data\n1795946500\n5432\n/run/x\n\n', { pid: 17, socketDirectory: '/run/x' }],
])('reads %s', async (_, text, expected) => {
  const cluster = await mkdtemp(join(tmpdir(), 'postmaster-file-'))
  try {
    await writeFile(join(cluster, 'postmaster.pid'), text)
    expect(await readPostmasterFile(cluster)).toEqual(expected)
  } finally {
    await rm(cluster, { recursive: true })
  }
})
