import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a client answers. The texts and fields in the tests are what real clients of these versions printed. */
export interface Answers {
  readonly version?: string
  /** `plugin list --json` */
  readonly plugins?: readonly object[]
  /** The same once something was installed. */
  readonly pluginsAfter?: readonly object[]
  /** `plugin marketplace list --json` */
  readonly marketplaces?: readonly object[]
  /** What it says when it is to change something, and refuses. */
  readonly refusal?: string
}

/** A client that answers as told and notes what it was asked to change; the real one is at work in test/e2e. */
export class StandInClient {
  /** To be put on the PATH. */
  readonly folder: string

  constructor(parent: string) {
    this.folder = join(parent, 'bin')
  }

  get program(): string {
    return join(this.folder, 'claude')
  }

  async answer({ version = '2.1.332', plugins = [], pluginsAfter = plugins, ...rest }: Answers): Promise<void> {
    const { marketplaces = [], refusal } = rest
    await mkdir(this.folder, { recursive: true })
    const write = (name: string, value: unknown) => writeFile(join(this.folder, name), JSON.stringify(value))
    await write('plugins', plugins)
    await write('plugins-after', pluginsAfter)
    await write('marketplaces', marketplaces)
    const change =
      refusal === undefined
        ? 'echo "$*" >> changes; cp plugins-after plugins'
        : `printf '%s\\n' ${JSON.stringify(refusal)} >&2; exit 1`
    await this.script(
      `cd "${this.folder}"
       case "$*" in
         --version) echo "${version} (Claude Code)" ;;
         "plugin list --json") cat plugins ;;
         "plugin marketplace list --json") cat marketplaces ;;
         *) ${change} ;;
       esac`,
    )
  }

  async script(text: string): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    await writeFile(this.program, `#!/bin/sh\n${text}\n`)
    await chmod(this.program, 0o755)
  }

  /** The command lines that were to change something. */
  async changes(): Promise<string[]> {
    const text = await readFile(join(this.folder, 'changes'), 'utf8').catch(() => '')
    return text.split('\n').filter(line => line !== '')
  }
}

/** Of the program that is tested. */
const { version: VERSION } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const INSTALLED = { id: 'switchboard@switchboard', version: VERSION, scope: 'user', enabled: true }

/** Where one looks enabled and does not load, as each client says it. */
export const NOT_LOADED: Readonly<Record<string, Answers>> = {
  'a folder that is gone (2.1.332)': {
    plugins: [
      {
        ...INSTALLED,
        errors: ['Marketplace switchboard failed to load: cache-miss'],
        errorDetails: [{ type: 'marketplace-load-failed', marketplace: 'switchboard' }],
        projectEnabled: false,
      },
    ],
  },
  'a folder that is gone (2.1.200)': {
    version: '2.1.200',
    plugins: [{ ...INSTALLED, errors: ['Marketplace switchboard failed to load: cache-miss'] }],
  },
  'hooks that are no JSON (2.1.332)': {
    plugins: [
      {
        ...INSTALLED,
        readFromFolder: '/opt/switchboard/plugin',
        folderVersion: VERSION,
        errors: ['Hook load failed: JSON Parse error: Expected ’}’'],
        errorDetails: [{ type: 'hook-load-failed', plugin: 'switchboard', path: '/opt/switchboard/plugin/hooks.json' }],
        projectEnabled: false,
      },
    ],
  },
  'hooks that the client does not know (2.1.112)': {
    version: '2.1.112',
    plugins: [
      {
        ...INSTALLED,
        errors: [
          `Hook load failed: [\n  {\n    "code": "invalid_union",\n    "errors": [],\n    "note": "No matching discriminator",\n    "path": [\n      "hooks",\n      "SessionStart",\n      0,\n      "hooks",\n      0,\n      "type"\n    ],\n    "message": "Invalid input"\n  }\n]`,
        ],
      },
    ],
  },
}

/** The same plugin, loaded from a folder. */
export function loadedFrom(folder: string): Answers {
  return {
    plugins: [{ ...INSTALLED, readFromFolder: folder, folderVersion: VERSION, projectEnabled: false }],
    marketplaces: [{ name: 'switchboard', source: 'directory', path: folder, installLocation: folder }],
  }
}

/** Installed for one scope and switched off. */
export const DISABLED: Answers = { plugins: [{ ...INSTALLED, enabled: false }] }
