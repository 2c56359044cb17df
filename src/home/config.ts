import { BusError } from '../bus/errors.ts'
import { type Said, say } from '../bus/say.ts'
import { knownKeys, numberIn, readToml, tableIn, written } from './toml.ts'

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
    /** Asked for on the command line: this one, or no hub. */
    readonly isPortFixed?: boolean
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

/** What may stand in the file. `[claims.repos]` has keys of the user's own. */
const KEYS = {
  hub: ['port'],
  retention: ['max_age_days', 'max_events'],
  claims: ['on_edit', 'repos'],
} as const
const MAX_PORT = 65_535

/**
 * The environment is stronger than the file. Whatever is malformed or unknown is refused with its place, not passed over:
 * a setting with a typo in its name would silently be the default.
 */
export async function loadConfig(configFile: string, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const file = await readToml(configFile)
  knownKeys(file, Object.keys(KEYS), configFile)
  const section = (name: keyof typeof KEYS) => {
    const values = tableIn(file, name, configFile)
    knownKeys(values, KEYS[name], say`${configFile} [${name}]`)
    return values
  }
  const [hub, retention, claims] = [section('hub'), section('retention'), section('claims')]
  const filePort = numberIn(hub, 'port', configFile, MAX_PORT)
  const { SWITCHBOARD_PORT: wished } = env
  const port = wished
    ? numberIn({ SWITCHBOARD_PORT: digits(wished) }, 'SWITCHBOARD_PORT', 'environment', MAX_PORT)
    : filePort
  const maxAgeDays = numberIn(retention, 'max_age_days', configFile)
  const maxEvents = numberIn(retention, 'max_events', configFile)
  return {
    hub: { port: port ?? DEFAULT_CONFIG.hub.port, ...(env.SWITCHBOARD_PORT_ONLY ? { isPortFixed: true } : {}) },
    retention: {
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
      ...(maxEvents === undefined ? {} : { maxEvents }),
    },
    claims: {
      onEdit: onEdit(claims.on_edit ?? DEFAULT_CONFIG.claims.onEdit, say`${configFile} [claims] on_edit`),
      repos: Object.fromEntries(
        Object.entries(tableIn(claims, 'repos', configFile)).map(([repo, value]) => [
          repo,
          onEdit(value, say`${configFile} [claims.repos] ${repo}`),
        ]),
      ),
    },
  }
}

/** What is no number stays as it is, to be shown as it was written. */
function digits(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text
}

function onEdit(value: unknown, place: Said): OnEdit {
  const known = ON_EDIT.find(each => each === value)
  if (known) return known
  throw new BusError('invalid_input', say`${place}: expected ${ON_EDIT}, got ${written(value)}`)
}
