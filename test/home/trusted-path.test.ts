import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { userCredential } from '../../src/home/credentials.ts'
import { homePaths } from '../../src/home/paths.ts'
import { ATTACKER, asUser, canBeOthers, folderOf, sharedFolder, VICTIM } from '../security/other-user.ts'

/** What the system's lists of users and groups say of the victim. */
const listed = vi.hoisted(() => ({ home: '', groups: '' }))
vi.mock('node:os', async original => ({
  ...(await original<typeof import('node:os')>()),
  userInfo: () => {
    if (listed.home === '') throw new Error('no entry')
    return { homedir: listed.home }
  },
}))
vi.mock('node:fs', async original => {
  const fs = await original<typeof import('node:fs')>()
  const readFileSync = (...[path, ...more]: Parameters<typeof fs.readFileSync>) =>
    path === '/etc/group' ? listed.groups : fs.readFileSync(path, ...more)
  return { ...fs, readFileSync }
})

const use = (home: string) => asUser(VICTIM, () => userCredential(homePaths({ SWITCHBOARD_HOME: home })))

describe.skipIf(!canBeOthers)('a folder that a group may write', () => {
  const OTHER_GROUP = 64_003

  it.each([
    { what: 'of the user alone, as many systems give each user one', gid: VICTIM, groups: '', isGood: true },
    { what: 'of the user alone, listed so', gid: VICTIM, groups: `root:x:0:\nv:x:${VICTIM}:\n`, isGood: true },
    { what: 'that others were put into', gid: VICTIM, groups: `v:x:${VICTIM}:mallory\n`, isGood: false },
    { what: 'of others', gid: OTHER_GROUP, groups: '', isGood: false },
    { what: 'of root', gid: 0, groups: '', isGood: true },
  ])('is the user’s own where the group is one $what: $isGood', async ({ gid, groups, isGood }) => {
    Object.assign(listed, { home: '', groups })
    const above = folderOf(VICTIM, join(await sharedFolder(), 'above'), 0o775)
    chownSync(above, VICTIM, gid)
    chmodSync(above, 0o775)
    const made = use(join(above, 'home'))
    if (isGood) expect(await made).toMatch(/^swb_user_/)
    else await expect(made).rejects.toMatchObject({ code: 'unsafe_place', next: expect.stringContaining('chmod go-w') })
  })
})

describe.skipIf(!canBeOthers)('a folder of somebody else above the user’s home', () => {
  it('is the administrator’s affair, unless anybody could have made it', async () => {
    const root = await sharedFolder()
    const department = folderOf(ATTACKER, join(root, 'department'), 0o755)
    const home = folderOf(VICTIM, join(department, 'user'))
    Object.assign(listed, { home, groups: '' })
    // Below a shared folder nobody can tell who made it.
    await expect(use(join(home, 'home'))).rejects.toMatchObject({ code: 'unsafe_place' })
    chmodSync(root, 0o755)
    expect(await use(join(home, 'home'))).toMatch(/^swb_user_/)
    // As is all else in a folder that the administrator gave to a department.
    folderOf(VICTIM, join(department, 'elsewhere'))
    await expect(use(join(department, 'elsewhere'))).resolves.toMatch(/^swb_user_/)
    Object.assign(listed, { home: '/nonexistent' })
    await expect(use(join(department, 'elsewhere'))).rejects.toMatchObject({ code: 'unsafe_place' })
  })
})
