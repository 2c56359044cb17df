import { dirname, join } from 'node:path'

const API_KEY = 'sk-ant-fake-000'

/** `~/.claude.json` of a user whose first-start questions are answered; trust is added folder by folder. */
export const ACCEPTED_DIALOGS = {
  hasCompletedOnboarding: true,
  theme: 'dark',
  bypassPermissionsModeAccepted: true,
  customApiKeyResponses: { approved: [API_KEY.slice(-20)], rejected: [] },
}

/**
 * All that a sandboxed program inherits: nothing of the developer's, and nothing that makes the client call home. The
 * three folders keep inside the sandbox what the client would leave in /tmp and /run.
 */
export function cleanEnvironment(root: string, client: string, port: number): Record<string, string> {
  return {
    PATH: [dirname(client), dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    HOME: join(root, 'home'),
    TMPDIR: join(root, 'tmp'),
    CLAUDE_CODE_TMPDIR: join(root, 'tmp'),
    XDG_RUNTIME_DIR: join(root, 'run'),
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    SHELL: '/bin/bash',
    ANTHROPIC_API_KEY: API_KEY,
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1',
  }
}
