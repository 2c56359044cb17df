import fs, { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { homePaths } from '../../src/home/paths.ts'
import { createPrivate } from '../../src/home/private-files.ts'
import { userHome } from '../../src/home/user-folder.ts'

vi.mock('node:os', async importOriginal => {
  const real = await importOriginal<typeof import('node:os')>()
  return { ...real, userInfo: vi.fn(real.userInfo), homedir: vi.fn(real.homedir) }
})

afterEach(() => {
  vi.mocked(userInfo).mockReset()
  vi.mocked(homedir).mockReset()
})

/** The paths of a home that depend on the environment, each with the variable that says where. */
const PLACES = [
  ['XDG_DATA_HOME', 'storeFile', '/home/me/.local/share/switchboard/store.db'],
  ['XDG_CONFIG_HOME', 'credentialFile', '/home/me/.config/switchboard/credential'],
  ['XDG_STATE_HOME', 'logFile', '/home/me/.local/state/switchboard/hub.log'],
] as const

describe('a variable that names a folder', () => {
  it.each(PLACES)('%s is obeyed where it is absolute', (name, place, usual) => {
    const file = usual.split('/').at(-1)!
    expect(homePaths({ HOME: '/home/me', [name]: '/else where' })[place]).toBe(`/else where/switchboard/${file}`)
  })

  it.each(PLACES.flatMap(each => ['', '.', 'relative/folder', '~/x', './x'].map(value => [value, ...each] as const)))(
    'that is %j counts as unset: %s',
    (value, name, place, usual) => {
      expect(homePaths({ HOME: '/home/me', [name]: value })[place]).toBe(usual)
    },
  )

  it('is no part of a home that SWITCHBOARD_HOME names, with blanks and quotes or not', () => {
    const { storeFile, credentialFile } = homePaths({ SWITCHBOARD_HOME: `/a b/"it's"`, XDG_CONFIG_HOME: '/x' })
    expect([storeFile, credentialFile]).toEqual([`/a b/"it's"/store.db`, `/a b/"it's"/credential`])
  })
})

describe('SWITCHBOARD_HOME', () => {
  it.each(['.', '..', 'here', './here', '~', '~/bus', '~me/bus', '$HOME/bus', 'file:///bus', ' /bus'])(
    'that is %j is refused: it would be another home in each folder',
    value => {
      expect(() => homePaths({ SWITCHBOARD_HOME: value, HOME: '/home/me' })).toThrow(
        expect.objectContaining({
          code: 'invalid_input',
          message: expect.stringContaining('expected SWITCHBOARD_HOME to be an absolute path, got'),
          next: expect.stringContaining('~'),
        }),
      )
    },
  )

  it('that is empty counts as unset', () => {
    expect(homePaths({ SWITCHBOARD_HOME: '', HOME: '/h' }).data).toBe('/h/.local/share/switchboard')
  })

  it('that is absolute is the same one however it is written', () => {
    for (const value of ['/a/bus', '/a/bus/', '/a//bus', '/a/./bus', '/a/b/../bus']) {
      expect(homePaths({ SWITCHBOARD_HOME: value })).toEqual(homePaths({ SWITCHBOARD_HOME: '/a/bus' }))
    }
  })
})

describe('a user', () => {
  it.each(['', 'relative', undefined])('whose HOME is %j has the one that the system lists', HOME => {
    vi.mocked(userInfo).mockReturnValue({ homedir: '/home/listed' } as never)
    expect(userHome({ HOME })).toBe('/home/listed')
  })

  it('without HOME and without an entry in the list of users is told what to set', () => {
    const none = () => {
      throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' })
    }
    vi.mocked(userInfo).mockImplementation(none)
    vi.mocked(homedir).mockImplementation(none)
    expect(() => homePaths({})).toThrow(expect.objectContaining({ next: expect.stringContaining('SWITCHBOARD_HOME') }))
    expect(homePaths({ SWITCHBOARD_HOME: '/data' }).storeFile).toBe('/data/store.db')
    expect(homePaths({ HOME: '/home/me' }).storeFile).toBe('/home/me/.local/share/switchboard/store.db')
  })
})

describe('a file system without hard links', () => {
  const without = (code: string) => {
    const link = vi.spyOn(fs, 'link').mockRejectedValue(Object.assign(new Error(code), { code }))
    onTestFinished(() => link.mockRestore())
  }

  async function place() {
    const folder = await mkdtemp(join(tmpdir(), 'swb-links-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    return join(folder, 'credential')
  }

  it.each(['EPERM', 'ENOTSUP', 'ENOSYS'])('that says %s still gives one of many the file, whole', async code => {
    without(code)
    const path = await place()
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(1_000))
    const made = await Promise.all(texts.map(text => createPrivate(path, text)))
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await readFile(path, 'utf8')).toBe(texts[made.indexOf(true)])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await fs.readdir(join(path, '..'))).toEqual(['credential'])
  })

  it('does not wait for ever for a process that was killed in its turn', async () => {
    without('EPERM')
    const path = await place()
    await fs.mkdir(`${path}.turn`)
    expect(await createPrivate(path, 'text')).toBe(true)
  })
})
