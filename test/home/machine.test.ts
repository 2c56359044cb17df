import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { machineName } from '../../src/home/machine.ts'
import { homePaths } from '../../src/home/paths.ts'

async function home() {
  const made = await mkdtemp(join(tmpdir(), 'swb-machine-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return homePaths({ SWITCHBOARD_HOME: join(made, 'home') })
}

it('is the host name of the first time, kept for its owner alone', async () => {
  const paths = await home()
  expect(await machineName(paths)).toBe(hostname())
  expect((await stat(join(paths.data, 'machine'))).mode & 0o777).toBe(0o600)
})

it('stays when the host is called otherwise', async () => {
  const paths = await home()
  await mkdir(paths.data, { recursive: true, mode: 0o700 })
  await writeFile(join(paths.data, 'machine'), 'desk.local\n')
  expect(await machineName(paths)).toBe('desk.local')
})

it.each(['', 'two words', 'x'.repeat(200), 'a\u0000b'])('of a damaged file %j is the host name', async text => {
  const paths = await home()
  await mkdir(paths.data, { recursive: true, mode: 0o700 })
  await writeFile(join(paths.data, 'machine'), text)
  expect(await machineName(paths)).toBe(hostname())
})
