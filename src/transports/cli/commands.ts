import type { Command } from 'commander'
import type { Action, CommandSpec } from './command.ts'
import type { Doors } from './doors.ts'
import { GROUPS, operationCommands } from './operation-command.ts'
import { addExamples } from './usage.ts'

/** All commands, in the order in which `--help` lists them. What a command does is loaded when it runs. */
export function commands(doors: Doors): CommandSpec[] {
  return [...programCommands(doors), ...operationCommands()]
}

const PROGRAM_GROUP = 'The program:'

function program(
  name: string,
  title: string,
  action: () => Promise<Action>,
  fill: (command: Command) => Command = command => command,
  examples: readonly string[] = [],
  group: string = PROGRAM_GROUP,
): CommandSpec {
  return {
    words: [name],
    title,
    group,
    fill: command => {
      addExamples(fill(command), examples)
    },
    action: async invocation => await (await action())(invocation),
  }
}

/** For agents' clients, not for people: in no list. */
function hidden(name: string, title: string, action: () => Promise<Action>): CommandSpec {
  return { ...program(name, title, action), isHidden: true }
}

const programCommands = (doors: Doors): readonly CommandSpec[] => [
  program(
    'start',
    'Start the hub if none runs, check it with a real message, say what to do next',
    async () => (await import('./commands/start.ts')).start,
    command => command.option('--no-follow', 'do not follow the timeline afterwards'),
    ['start', 'start --no-follow'],
  ),
  program(
    'status',
    'Whether the hub runs, where, and what it holds; starts none',
    async () => (await import('./commands/status.ts')).status,
    undefined,
    ['status', 'status --json'],
  ),
  program(
    'watch',
    'Follow the timeline, live',
    async () => (await import('./commands/watch.ts')).watch,
    command =>
      command
        .option('--channel <channel>', 'only this channel: all, repo:R, topic:T, a session …')
        .option('--types <type,...>', 'only these types')
        .option('--from <sender>', 'only from this session')
        .option('--thread <thread>', 'only this thread')
        .option('--min-level <level>', 'lifecycle, info or actionable')
        .option('--last <n>', 'begin with so many earlier events; default 20'),
    ['watch', 'watch --min-level actionable', 'watch --channel topic:ci --last 0 --json'],
  ),
  program(
    'wait',
    'Block until mail comes, then print it; --timeout says how long at the most',
    async () => (await import('./commands/wait.ts')).wait,
    command => command.option('--limit <n>', 'at most so many messages; default 20').option('--peek', 'only look'),
    ['wait', 'wait --timeout 600 --json'],
  ),
  program(
    'doctor',
    'Check everything the bus stands on, and say how to mend what is broken',
    async () => (await import('./commands/doctor.ts')).doctor,
    undefined,
    ['doctor', 'doctor --json'],
  ),
  program('stop', 'Stop the hub', async () => (await import('./commands/stop.ts')).stop, undefined, ['stop']),
  program(
    'hub',
    'Run the hub here; other commands start one by themselves when they need it',
    async () => {
      const { hub } = await import('./commands/hub.ts')
      return invocation => hub(invocation, doors)
    },
    command =>
      command
        .option('--background', 'start it detached and come back once it answers')
        .option('--port <n>', 'loopback port; fails where another program holds it; 0: any free one')
        .option('--any-port', 'where that port is taken, take any that is free'),
    ['hub', 'hub --background', 'hub --port 7421 --any-port'],
  ),
  program(
    'mcp',
    'Run the MCP server of one agent session on stdio; agents start it, people do not',
    async () => () => doors.mcp(),
    undefined,
    ['mcp'],
  ),
  program(
    'setup',
    'Put Claude Code on the bus: installs its plugin; --remove takes it out again',
    async () => (await import('./commands/setup.ts')).setup,
    command => {
      const argument = command.createArgument('[agent]', 'which agent')
      argument.argChoices = ['claude']
      return command
        .usage('[options] <agent>')
        .addArgument(argument)
        .option('--check', 'only say whether it is installed, and whether the client loads it')
        .option('--remove', 'take out every trace, of every scope, and list what the client keeps')
        .option('--scope <scope>', 'user (default), project or local')
        .option('--claude <path>', 'the client, if it is not `claude` on the PATH')
    },
    ['setup claude', 'setup claude --check', 'setup claude --remove'],
  ),
  hidden(
    'monitor',
    'Print a line whenever the session beside this process has mail; a plugin monitor runs it',
    async () => (await import('./commands/monitor.ts')).monitor,
  ),
  hidden(
    'rewake',
    'End with 2 when the session beside this process has mail; a rewake hook runs it',
    async () => (await import('./commands/rewake.ts')).rewake,
  ),
  program(
    'completion',
    'Print the completion script of a shell: bash, zsh, fish or powershell',
    async () => (await import('./commands/completion.ts')).completion,
    command => {
      const argument = command.createArgument('[shell]', 'which shell')
      argument.argChoices = ['bash', 'zsh', 'fish', 'powershell']
      return command.usage('[options] <shell>').addArgument(argument)
    },
    [
      'completion bash > ~/.switchboard.bash   # then, in ~/.bashrc: source ~/.switchboard.bash',
      'completion fish > ~/.switchboard.fish   # then, in config.fish: source ~/.switchboard.fish',
      'completion zsh > ~/.switchboard.zsh   # then, in ~/.zshrc: source ~/.switchboard.zsh',
    ],
  ),
  program(
    'show',
    'One message in full: its text, its thread, and what became of it for each recipient',
    async () => (await import('./commands/show.ts')).show,
    command =>
      command.usage('[options] <event-id>').addArgument(command.createArgument('[event-id]', 'its number, as in #42')),
    ['show 42', 'show 42 --json'],
    GROUPS.talk,
  ),
]
