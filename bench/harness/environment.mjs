/**
 * The environment of every process that is measured, floors included. Left out is what would change the numbers or lead
 * to somebody's real hub: Node options, extra CA certificates (Node 20 parses them at each start, 35 ms), and whatever
 * says that an agent is the parent.
 */
const LEFT_OUT = /^(SWITCHBOARD_|CLAUDE|NODE_|TMUX|ZELLIJ)/

export function cleanEnvironment(home) {
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !LEFT_OUT.test(name)))
  // Port 0: any free one of loopback, so that homes do not compete for the default.
  return { ...kept, SWITCHBOARD_HOME: home, SWITCHBOARD_PORT: '0' }
}
