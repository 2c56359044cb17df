import { readFile } from 'node:fs/promises'
import { parse } from 'smol-toml'
import { BusError } from '../bus/errors.ts'

/**
 * Settings of the hub, from `config.toml`:
 *
 *   [hub]
 *   port = 7420                 # 0: any free one
 *   [retention]                 # default: keep everything
 *   max_age_days = 90
 *   max_events = 1000000
 *   [claims]
 *   on_edit = "ask"             # of a file that another session claims: "warn", "ask" or "deny"
 *   [claims.repos]
 *   "github.com/acme/api" = "deny"
 */
export interface Config {
  readonly hub: {
    /** Loopback port. Where it is taken (another home's hub, say) any free one serves. */
    readonly port: number
  }
  readonly retention: { readonly maxAgeDays?: number; readonly maxEvents?: number }
  readonly claims: { readonly onEdit: OnEdit; readonly repos: Readonly<Record<string, OnEdit>> }
}

const ON_EDIT = ['warn', 'ask', 'deny'] as const
export type OnEdit = (typeof ON_EDIT)[number]

/** Unassigned by IANA, and outside the ranges from which systems draw ports for outgoing connections. */
export const DEFAULT_PORT = 7420

export const DEFAULT_CONFIG: Config = {
  hub: { port: DEFAULT_PORT },
  retention: {},
  claims: { onEdit: 'ask', repos: {} },
}

/** The environment is stronger than the file. Whatever is malformed is refused with its place, not passed over. */
export async function loadConfig(configFile: string, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const file = await readToml(configFile)
  const [hub, retention, claims] = ['hub', 'retention', 'claims'].map(name => table(file, name, configFile)) as [
    Table,
    Table,
    Table,
  ]
  const port = env.SWITCHBOARD_PORT === undefined ? hub.port : Number(env.SWITCHBOARD_PORT)
  const maxAgeDays = number(retention, 'max_age_days', configFile)
  const maxEvents = number(retention, 'max_events', configFile)
  return {
    hub: { port: number({ port }, 'port', 'SWITCHBOARD_PORT or [hub]') ?? DEFAULT_CONFIG.hub.port },
    retention: {
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
      ...(maxEvents === undefined ? {} : { maxEvents }),
    },
    claims: {
      onEdit: onEdit(claims.on_edit ?? DEFAULT_CONFIG.claims.onEdit, `${configFile} [claims] on_edit`),
      repos: Object.fromEntries(
        Object.entries(table(claims, 'repos', configFile)).map(([repo, value]) => [
          repo,
          onEdit(value, `${configFile} [claims.repos] ${repo}`),
        ]),
      ),
    },
  }
}

function onEdit(value: unknown, place: string): OnEdit {
  const known = ON_EDIT.find(each => each === value)
  if (known) return known
  throw new BusError('invalid_input', `${place}: expected ${ON_EDIT.join(', ')}, got ${JSON.stringify(value)}`)
}

type Table = Record<string, unknown>

async function readToml(path: string): Promise<Table> {
  try {
    return parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new BusError('invalid_input', `${path}: ${(error as Error).message}`, { next: 'Mend the file or remove it.' })
  }
}

function table(file: Table, name: string, path: string): Table {
  const value = file[name] ?? {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table
  throw new BusError('invalid_input', `${path}: expected [${name}] to be a table, got ${typeof value}`)
}

function number(values: Table, name: string, place: string): number | undefined {
  const value = values[name]
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new BusError('invalid_input', `${place}: expected ${name} to be a number from 0, got ${JSON.stringify(value)}`)
}
