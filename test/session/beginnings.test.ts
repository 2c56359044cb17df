import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { wakeLine } from '../../src/session/doorbell/wake-line.ts'
import { isPersons, isWork } from '../../src/session/hooks/beginnings.ts'
import { hookInput } from '../../src/session/hooks/input.ts'
import { hookInputs } from '../soak/hook-inputs.ts'

const OWN = 'mcp__plugin_switchboard_bus__publish'

/** What the plugin's hooks make of what the client knows. */
const inputsOf = (event: string, fields: Record<string, string>) =>
  hookInputs(event, fields).map(input => hookInput(input))

describe('a prompt', () => {
  it.each([
    ['please rebase', true],
    ['/review the branch', true],
    ['why does "1 new message on the switchboard" stand there?', true],
    ['', false],
    [wakeLine(1, 1), false],
    [wakeLine(12, 340), false],
    // However the client passes a wake on.
    [`${wakeLine(1, 1)}\n${wakeLine(2, 2)}`, false],
    [`Another Claude session sent a message:\n${wakeLine(1, 1)}\n\nThis came from another Claude session`, false],
    [`Stop hook blocking error from command "Stop": ${wakeLine(1, 1)}`, false],
    [`half a draft${wakeLine(1, 1)}`, false],
    ['<task-notification>\n<task-id>b1</task-id>\n</task-notification>', false],
    ['<cross-session-message from="uds:/run/1.sock">thanks</cross-session-message>', false],
  ])('%j is a person’s: %s', (prompt, is) => {
    expect(inputsOf('UserPromptSubmit', { prompt }).map(isPersons)).toEqual([is])
  })
})

describe('a tool', () => {
  it.each<[tool_name: string, command: string, is: boolean]>([
    ['Edit', '', true],
    ['Bash', 'npm test', true],
    ['Bash', 'cd /src/switchboard && npm test', true],
    ['Bash', 'git log --grep switchboard', true],
    ['Bash', 'switchboard publish "thanks" --to b', false],
    ['Bash', 'sleep 5; swb inbox', false],
    ['Bash', '~/bin/switchboard wait && /usr/bin/swb publish "thanks" --to b', false],
    ['Bash', 'SWITCHBOARD_HOME=/tmp/x switchboard publish "thanks" --to b', false],
    ['Bash', 'sleep 30', false],
    ['Bash', 'sleep 30 && make', true],
    // Linear in its length.
    ['Bash', ';'.repeat(65_000), false],
    ['Bash', `ls ${'/'.repeat(65_000)}`, true],
    [OWN, '', false],
    // The switchboard's own command, however it is called.
    ...[
      'timeout 5 switchboard wait',
      '"switchboard" publish x',
      '\\switchboard publish x',
      "bash -c 'switchboard publish x'",
      'env A=1 nohup swb wait &',
      'A="b c" switchboard publish x',
      '`swb inbox`',
      'if ! swb inbox; then sleep 1; fi',
      'while ! { swb inbox; }; do sleep 5; done',
      'echo thanks | xargs switchboard publish',
      'cat <<EOF | switchboard publish -\nthanks\nEOF',
      'npx switchboard publish x',
      'npx -y switchboard@latest publish x',
      'npm exec -- switchboard publish x',
      'pnpm dlx swb publish x',
      `node ${process.argv[1]} publish x`,
      `cd ${dirname(process.argv[1]!)} && node --no-warnings ./${basename(process.argv[1]!)} publish x`,
    ].map(line => ['Bash', line, false] as [string, string, boolean]),
    // It waits, whatever it says about that.
    ...[
      '',
      '# think',
      'wait',
      'sleep 30; echo done',
      'sleep 2 2>/dev/null >&2',
      'while [ ! -e x ]; do sleep 1; done',
    ].map(line => ['Bash', line, false] as [string, string, boolean]),
    ...[
      'true',
      'date',
      'sleep 2; date > now.txt',
      'echo done > result.txt',
      'printf %s x >> log',
      'node dist/main.js',
      'npx vitest run test/switchboard',
      'npm test -- switchboard',
      'yarn workspace switchboard build',
      'cat switchboard',
      'git commit -m "call switchboard; publish"',
      "grep -r 'switchboard publish' docs",
    ].map(line => ['Bash', line, true] as [string, string, boolean]),
  ])('%s %.60s, about to run, is work: %s', async (tool_name, command, is) => {
    const inputs = inputsOf('PreToolUse', { tool_name, 'tool_input.command': command })
    expect(inputs).toHaveLength(1)
    expect(await isWork(inputs[0]!)).toBe(is)
  })

  it.each([
    [['Read'], true],
    [['Agent'], true],
    [[OWN, 'Grep'], true],
    [['mcp__other__query'], true],
    [[OWN], false],
    [[OWN, OWN, OWN, OWN, OWN], false],
    [['mcp__switchboard__publish', 'mcp__plugin_swb_bus__inbox', 'BashOutput'], false],
    [['mcp__telephone-switchboards__call'], true],
    [['ToolSearch'], false],
    [['SendMessage', 'ToolSearch'], false],
    // It was judged as it began.
    [['Bash'], false],
    [[], false],
  ])('of a batch of %j, that has ended, is work: %s', async (names, is) => {
    const fields = Object.fromEntries(names.map((name, i) => [`tool_calls.${i}.tool_name`, name]))
    expect(await Promise.all(inputsOf('PostToolBatch', fields).map(isWork))).toEqual([is])
  })

  it('says nothing of a prompt, nor at the end of a turn', async () => {
    for (const inputs of [inputsOf('UserPromptSubmit', { prompt: 'go on' }), inputsOf('Stop', {})]) {
      expect(await Promise.all(inputs.map(isWork))).toEqual([false])
    }
  })
})
