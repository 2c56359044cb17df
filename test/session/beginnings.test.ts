import { describe, expect, it } from 'vitest'
import { bellLine } from '../../src/session/doorbell/routes.ts'
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
    ['why does "1 new message on the switchboard (ring 1)" stand there?', true],
    ['', false],
    [bellLine(1, 1), false],
    [bellLine(12, 340), false],
    ['<task-notification>\n<task-id>b1</task-id>\n</task-notification>', false],
    ['<cross-session-message from="uds:/run/1.sock">thanks</cross-session-message>', false],
  ])('%j is a person’s: %s', (prompt, is) => {
    expect(inputsOf('UserPromptSubmit', { prompt }).map(isPersons)).toEqual([is])
  })
})

describe('a tool', () => {
  it.each([
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
    ['Bash', `echo ${'/'.repeat(65_000)}`, true],
    [OWN, '', false],
  ])('%s %.60s, about to run, is work: %s', (tool_name, command, is) => {
    const inputs = inputsOf('PreToolUse', { tool_name, 'tool_input.command': command })
    expect(inputs).toHaveLength(1)
    expect(inputs.map(isWork)).toEqual([is])
  })

  it.each([
    [['Read'], true],
    [['Agent'], true],
    [[OWN, 'Grep'], true],
    [['mcp__other__query'], true],
    [[OWN], false],
    [[OWN, OWN, OWN, OWN, OWN], false],
    [['ToolSearch'], false],
    [['SendMessage', 'ToolSearch'], false],
    // It was judged as it began.
    [['Bash'], false],
    [[], false],
  ])('of a batch of %j, that has ended, is work: %s', (names, is) => {
    const fields = Object.fromEntries(names.map((name, i) => [`tool_calls.${i}.tool_name`, name]))
    expect(inputsOf('PostToolBatch', fields).map(isWork)).toEqual([is])
  })

  it('says nothing of a prompt, nor at the end of a turn', () => {
    expect(inputsOf('UserPromptSubmit', { prompt: 'go on' }).map(isWork)).toEqual([false])
    expect(inputsOf('Stop', {}).map(isWork)).toEqual([false])
  })
})
