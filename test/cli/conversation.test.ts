import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { untilPasses } from '../until.ts'
import { openShell, type Shell } from './support/shell.ts'

interface Messages {
  messages: { id: number; from: string; text: string; trust: string }[]
  pending: number
}

describe('two sessions in a shell', () => {
  let shell: Shell
  let back: { env: NodeJS.ProcessEnv }
  let front: { env: NodeJS.ProcessEnv }

  beforeAll(async () => {
    shell = await openShell()
    const join = async (name: string) => {
      const { credential } = await shell.json<{ credential: string }>(['register', name, '--role', 'dev'])
      return { env: { SWITCHBOARD_TOKEN: credential } }
    }
    back = await join('back')
    front = await join('front')
  })
  afterAll(() => shell.close())

  it('see each other', async () => {
    const { sessions } = await shell.json<{ sessions: { name: string; agent: string }[] }>(['sessions'], back)
    expect(sessions.map(({ name }) => name).sort()).toEqual(['back', 'front'])
    expect(sessions[0]?.agent).toBe('shell')
    expect((await shell.run(['sessions'], back)).stdout).toMatch(/^NAME +CODENAME +ROLE +PRESENCE/)
  })

  it('write, read, answer, and see what became of it', async () => {
    const sent = await shell.json<{ event_id: number }>(['publish', 'rebased?', '--to', 'front'], back)
    const { messages } = await shell.json<Messages>(['inbox'], front)
    expect(messages).toMatchObject([{ id: sent.event_id, from: 'back', text: 'rebased?', trust: 'peer' }])
    await shell.json(['say', 'yes', '--reply-to', String(sent.event_id)], front)
    const answers = await shell.json<Messages>(['inbox'], back)
    expect(answers.messages).toMatchObject([{ from: 'front', text: 'yes' }])
    const { receipts } = await shell.json<{ receipts: object[] }>(['receipts', String(sent.event_id)], back)
    expect(receipts).toMatchObject([{ session: 'front', state: 'answered' }])
    expect((await shell.run(['receipts', String(sent.event_id)], back)).stdout).toMatch(/front +answered/)
  })

  it('hear the operator, and know that it is the operator', async () => {
    await shell.json(['publish', 'stop, please', '--to', 'role:dev'])
    const { messages } = await shell.json<Messages>(['inbox'], front)
    expect(messages).toMatchObject([{ from: 'operator', trust: 'operator' }])
    expect((await shell.run(['inbox', '--peek'], back)).stdout).toMatch(
      /^operator #\d+ .*operator\n {2}stop, please\n$/,
    )
    await shell.json(['inbox'], back)
  })

  it('wait for mail: it comes, or the exit code says that none came', async () => {
    const waiting = shell.begin(['wait', '--timeout', '20', '--json'], front)
    await shell.json(['publish', 'now', '--to', 'front'], back)
    const { code, stdout } = await waiting.ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout).messages).toMatchObject([{ text: 'now' }])
    const none = await shell.run(['wait', '--timeout', '0.2'], front)
    expect(none.code).toBe(7)
    expect(none.stderr).toContain('expected mail within 0.2 s, got none')
  })

  it('share state: values from words, stdin and files, versions that refuse stale writes', async () => {
    expect(await shell.json(['set-state', 'api/url', 'http://localhost:1'], back)).toMatchObject({ version: 1 })
    await shell.json(['state', 'set', 'plan', '-'], { ...back, stdin: '["a", "b"]\n' })
    expect(await shell.json(['state', 'get', 'plan'], front)).toMatchObject({
      value: ['a', 'b'],
      version: 1,
      by: 'back',
    })
    await writeFile(join(shell.folder, 'plan.json'), '{"steps": 3}')
    expect(await shell.json(['set-state', 'plan', '@plan.json'], front)).toMatchObject({
      value: { steps: 3 },
      version: 2,
    })
    const stale = await shell.run(['set-state', 'plan', 'x', '--expected-version', '1', '--json'], back)
    expect(stale.code).toBe(3)
    expect(JSON.parse(stale.stderr).error.code).toBe('stale_version')
    expect((await shell.run(['list-state'], back)).stdout).toMatch(/plan +2 +front/)
    expect((await shell.run(['get-state', 'plan', '--version', '1'], back)).stdout).toContain('"a"')
  })

  it('claim files: a second claim is refused and names the holder; the operator has the last word', async () => {
    const path = join(shell.folder, 'src/db.ts')
    await shell.json(['claim', path, '--note', 'migration'], back)
    const refused = await shell.run(['claim', path], front)
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('held by back')
    expect(refused.stderr).toContain('next: Work on something else, or ask back.')
    expect((await shell.run(['claims'], front)).stdout).toContain(path)
    // Relative to the folder that the operator is in.
    expect(await shell.json(['release', 'src/db.ts'])).toMatchObject({ path, held_by: 'back' })
    expect(await shell.json(['claim', 'src/../src/x.ts'])).toMatchObject({ path: join(shell.folder, 'src/x.ts') })
  })

  it('appear in the timeline as it happens, one line of JSON for each event', async () => {
    const watching = shell.begin(['watch', '--json', '--last', '2', '--types', 'note'])
    const texts = () =>
      watching
        .output()
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line).text)
    await shell.json(['publish', 'ignored'], back)
    await untilPasses(async () => {
      await shell.json(['publish', 'tick', '--type', 'note'], back)
      expect(texts()).toContain('tick')
    })
    await shell.json(['publish', 'last', '--type', 'note'], front)
    await untilPasses(() => expect(texts().at(-1)).toBe('last'))
    expect(texts()).not.toContain('ignored')
    watching.child.kill('SIGINT')
    expect(await watching.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('are followed by what becomes of them, by which route and with which proof', async () => {
    const lines = shell.begin(['watch', '--last', '0'])
    const json = shell.begin(['watch', '--last', '0', '--json'])
    await untilPasses(async () => {
      await shell.json(['publish', 'tick', '--to', 'operator'], back)
      expect(lines.output()).toContain('tick')
      expect(json.output()).toContain('tick')
    })
    const { event_id: id } = await shell.json(['publish', 'read me', '--to', 'back'], front)
    await shell.json(['inbox'], back)
    await shell.json(['whoami'], back)
    await untilPasses(() => {
      expect(lines.output()).toContain(`#${id} offered for back: by inbox`)
      expect(lines.output()).toContain(`#${id} consumed for back: by inbox, proved by next call`)
    })
    const receipts = () =>
      json
        .output()
        .split('\n')
        .flatMap(line => (line.includes('"receipt"') ? [JSON.parse(line).receipt] : []))
    const consumed = expect.objectContaining({ event_id: id, session: 'back', state: 'consumed' })
    await untilPasses(() => expect(receipts()).toContainEqual(consumed))
    for (const each of [lines, json]) {
      each.child.kill('SIGINT')
      expect(await each.ended).toMatchObject({ code: 0 })
    }
  })

  it('stand among claims, state changes, waits, and sessions coming and going', async () => {
    const lines = shell.begin(['watch', '--last', '0'])
    await untilPasses(async () => {
      await shell.json(['set-state', 'tick', '1'], back)
      expect(lines.output()).toContain('back set tick to version')
    })
    await shell.json(['claim', '/srv/a.ts', '--note', 'mine'], back)
    await shell.json(['release', '/srv/a.ts'], back)
    await shell.json(['delete-state', 'tick'], back)
    await shell.json(['heartbeat', '--activity', 'waiting', '--waiting-for', 'permission prompt'], back)
    const status = await shell.here(['status'])
    expect(status.stdout).toMatch(/^for you .*back waits for "permission prompt"$/m)
    expect((await shell.here(['sessions'])).stdout).toMatch(/^For you: .*back waits for "permission prompt"\.$/m)
    await shell.json(['heartbeat', '--activity', 'idle'], back)
    const { credential } = await shell.json<{ credential: string }>(['register', 'guest'])
    await shell.json(['unregister'], { env: { SWITCHBOARD_TOKEN: credential } })
    await untilPasses(() => {
      for (const said of [
        /back claimed \/srv\/a\.ts in machine:\S+ for 30 min \("mine"\)/,
        /back released \/srv\/a\.ts/,
        /back deleted tick/,
        /back waits for "permission prompt"/,
        /back is idle/,
        /guest → all session_registered/,
        /guest → all session_unregistered/,
      ]) {
        expect(lines.output()).toMatch(said)
      }
    })
    lines.child.kill('SIGINT')
    await lines.ended
  })

  it('are replayed in order, without gap or repeat, before what is live', async () => {
    const [before, after] = ['b1 b2 b3', 'a1 a2 a3'].map(words => words.split(' '))
    for (const text of before!) await shell.json(['publish', text, '--thread', 't'], back)
    const watching = shell.begin(['watch', '--json', '--thread', 't'])
    await untilPasses(() => expect(watching.output()).toContain('b3'))
    for (const text of after!) await shell.json(['publish', text, '--thread', 't'], back)
    await untilPasses(() => expect(watching.output()).toContain('a3'))
    watching.child.kill('SIGTERM')
    const lines = (await watching.ended).stdout.trim().split('\n')
    expect(lines.map(line => JSON.parse(line).text)).toEqual([...before!, ...after!])
  })

  it('can be watched through a pipe that closes early', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
    const watched = shell.line('switchboard watch | head -1; echo "code ${PIPESTATUS[0]}"', back)
    let isOver = false
    void watched.finally(() => (isOver = true))
    await untilPasses(async () => {
      await shell.json(['publish', 'more', '--to', 'topic:more'], back)
      expect(isOver).toBe(true)
    })
    const { stdout, stderr } = await watched
    expect(stdout.trim().split('\n').at(-1)).toBe('code 0')
    expect(stderr).toBe('')
  })

  it('are told what is no text, from stdin, a file or a word of JSON', async () => {
    for (const [bytes, said] of [
      ['a\\0b', 'expected text without U+0000'],
      ['a\\xed\\xa0\\x80', 'expected text in UTF-8'],
      ['a\\xff', 'expected text in UTF-8'],
    ] as const) {
      const piped = await shell.line(`printf '${bytes}' | switchboard publish - --to all`, back)
      expect([bytes, piped.code, piped.stderr]).toEqual([bytes, 2, expect.stringContaining(said)])
      const file = await shell.line(`printf '${bytes}' > bytes; switchboard set-state broken @bytes`, back)
      expect([bytes, file.code, file.stderr]).toEqual([bytes, 2, expect.stringContaining(said)])
    }
    const word = await shell.run(['set-state', 'broken', '{"a":"\\ud800"}'], back)
    expect([word.code, word.stderr]).toEqual([2, expect.stringContaining('half of one (U+D800)')])
    expect((await shell.run(['get-state', 'broken'], back)).code).not.toBe(0)
  })

  it('send a letter from stdin, and no control character of it reaches a terminal', async () => {
    const letter = 'first\n\u001b[31mred\u001b[0m\u0007\u009b2J\nlast'
    await shell.json(['publish', '-', '--to', 'front'], { ...back, stdin: letter })
    const shown = await shell.run(['inbox', '--limit', '200'], front)
    expect(shown.stdout).toContain('\n  first\n  red\n  last\n')
    const raw = await shell.json<{ events: { text: string }[] }>(['events', '--limit', '1'])
    expect(raw.events[0]?.text).toBe(letter)
  })

  it('leave, and are told what they can do then', async () => {
    await shell.json(['leave'], front)
    const ended = await shell.run(['inbox', '--json'], front)
    expect(ended.code).toBe(4)
    expect(JSON.parse(ended.stderr).error).toMatchObject({
      code: 'session_ended',
      next: expect.stringMatching(/register` again/),
    })
  })

  it('keep no secret in the hub’s log', async () => {
    const log = await readFile(join(shell.home, 'hub.log'), 'utf8')
    expect(log).not.toContain(back.env.SWITCHBOARD_TOKEN)
    expect(log).not.toContain('rebased?')
  })
})
