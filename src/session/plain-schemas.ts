import { config } from 'zod/v4/core'

// The MCP SDK checks each message with zod, which would first compile a function for every schema (10 ms before the
// first answer). A session's handful of messages is checked faster than that without. Must come before the SDK.
config({ jitless: true })
