import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { savedSession, saveSession, userCredential } from '../../src/home/credentials.ts'
import { homePaths } from '../../src/home/paths.ts'
import { fixtureServer, json } from '../client/support/fixture-server.ts'

async function home() {
  const folder = await mkdtemp(join(tmpdir(), 'swb-credential-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const env = { SWITCHBOARD_HOME: folder }
  return { env, paths: homePaths(env) }
}

const GOOD = `swb_user_${'Ab3_-'.repeat(6)}xy`

/** What a full disk, an editor, a copy or another program may leave of it. */
const DAMAGED: Record<string, string | Buffer> = {
  'an empty file': '',
  'blank lines': '\n \n',
  'a beginning': GOOD.slice(0, -1),
  'the mark alone': 'swb_user_',
  'zeros, as after a power cut': Buffer.alloc(41),
  'bytes that are no text': Buffer.from([0xff, 0xfe, ...Buffer.from(GOOD)]),
  'a line break in the middle': `${GOOD.slice(0, 20)}\n${GOOD.slice(20)}`,
  'two of them': `${GOOD}\n${GOOD}\n`,
  'another header': `${GOOD}\r\nX-Forwarded-For: 1`,
  'a blank in the middle': GOOD.replace('3', ' '),
  'the credential of a session': `swb_session_ses_aaaaaaaaaaaa_${'a'.repeat(43)}`,
  'look-alike letters': GOOD.replace('A', 'А'),
}

describe('the user’s credential', () => {
  it('is made once by many at the same time, and read again', async () => {
    const { paths } = await home()
    const made = await Promise.all(Array.from({ length: 10 }, () => userCredential(paths)))
    expect(new Set(made).size).toBe(1)
    expect(await readFile(paths.credentialFile, 'utf8')).toBe(`${made[0]}\n`)
  })

  it('may have lost its last line break, or got another', async () => {
    const { paths } = await home()
    for (const text of [GOOD, `${GOOD}\n`, `${GOOD}\r\n`, `\n${GOOD}\n\n`]) {
      await writeFile(paths.credentialFile, text, { mode: 0o600 })
      expect(await userCredential(paths)).toBe(GOOD)
    }
  })

  it.each(Object.entries(DAMAGED))('is refused by the file’s name, and sent to nobody: %s', async (_, content) => {
    const { env, paths } = await home()
    await writeFile(paths.credentialFile, content, { mode: 0o600 })
    const { url, seen } = await fixtureServer((_request, response) => json(response, 200, {}))
    const client = connect({ env, url })
    await expect(client.request('GET', '/v1/hub')).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining(paths.credentialFile),
      next: expect.stringContaining('remove it'),
    })
    expect(seen).toEqual([])
    // Nor is it made anew under a hub that knows another.
    expect(await readFile(paths.credentialFile)).toEqual(Buffer.from(content))
    const given = String(content).trim()
    if (given === '' || /^[\x21-\x7e]+$/.test(given)) return
    for (const [source, options] of [
      ['SWITCHBOARD_TOKEN', { env: { ...env, SWITCHBOARD_TOKEN: given } }],
      ['the option `credential`', { env, credential: given }],
    ] as const) {
      await expect(connect({ ...options, url }).request('GET', '/v1/hub')).rejects.toMatchObject({
        code: 'unauthenticated',
        message: expect.stringContaining(source),
      })
    }
    expect(seen).toEqual([])
  })
})

describe('the credential that a session leaves to its shells', () => {
  const session = { session_id: 'ses_x', name: 'x', credential: 'swb_session_x' }

  it.each(['', '{', 'null', '[]', '{"credential":1}', '{"credential":"swb_user_x"}', '\0'])(
    'is none where it is damaged, so that another is made: %j',
    async text => {
      const { paths } = await home()
      await saveSession(paths, 'one', session)
      expect(await savedSession(paths, 'one')).toEqual(session)
      const [file] = await readdir(paths.sessionsFolder)
      await writeFile(join(paths.sessionsFolder, file!), text)
      expect(await savedSession(paths, 'one')).toBeUndefined()
    },
  )
})
