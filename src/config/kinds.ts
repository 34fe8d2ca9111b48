import { z } from 'zod'

/** How a kind of value is spoken of in messages and on the reference page. */
export interface Wording {
  /** After "expected": `a duration such as 90s, 5m, 48h or 28d`. */
  readonly expected: string
  /** In the type column of the reference page: `duration`. */
  readonly type: string
  /** A value of the kind, as written. */
  readonly example: string | number | boolean
  /** Set where a wrong value may be a secret put in the wrong place: messages then do not show it. */
  readonly concealed?: true
}

/** Wording of the kinds below; a schema derived from one by `describe` or `meta` keeps it. */
export const wordings = z.registry<Wording>()

const secondsPer = { s: 1, m: 60, h: 3600, d: 86400 } as const

/** `90s`, `5m`, `48h`, `28d`: parsed to seconds, > 0. */
export const duration = z
  .string()
  .regex(/^(?=.*[1-9])\d{1,9}(\.\d{1,3})?[smhd]$/)
  .transform((text) => Number(text.slice(0, -1)) * secondsPer[text.at(-1) as keyof typeof secondsPer])
  .register(wordings, { expected: 'a duration such as 90s, 5m, 48h or 28d', type: 'duration', example: '1h' })

/** A name of the user's own, short enough that the names made from it fit every cloud. */
export const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,38}$/)
  .register(wordings, {
    expected: 'lower-case letters, digits and hyphens, starting with a letter, at most 39 characters',
    type: 'name',
    example: 'a',
  })

/** Above 0, at most 1. */
export const share = z
  .number()
  .gt(0)
  .max(1)
  .register(wordings, { expected: 'a share above 0, at most 1', type: 'share, above 0 to 1', example: 1 })

/** From 0 to 1, both included. */
export const fullShare = z.number().min(0).max(1).register(wordings, { expected: 'a share from 0 to 1', type: 'share, 0 to 1', example: 1 })

/** Above 0, below 1. */
export const quantile = z
  .number()
  .gt(0)
  .lt(1)
  .register(wordings, { expected: 'a quantile above 0 and below 1', type: 'quantile, between 0 and 1', example: 0.5 })

/** Nodes, vCPUs: whole and not negative. */
export const count = z
  .int()
  .min(0)
  .max(1_000_000)
  .register(wordings, { expected: 'a whole number from 0 to 1000000', type: 'whole number', example: 1 })

/** `aws/us-east-1` */
export const regionRef = z
  .string()
  .regex(/^(aws|gcp|azure)\/[a-z0-9-]+$/)
  .register(wordings, { expected: 'cloud/region, such as aws/us-east-1', type: 'cloud/region', example: 'aws/us-east-1' })

/** A region as its cloud calls it: `us-east-1`. */
export const regionId = z
  .string()
  .regex(/^[a-z0-9-]+$/)
  .register(wordings, { expected: 'a region as its cloud calls it, such as us-east-1', type: 'region', example: 'us-east-1' })

/** Any text but none at all. */
export const text = z.string().min(1).register(wordings, { expected: 'text', type: 'text', example: 'text' })

/** A part of a DNS name between two dots. */
export const dnsLabel = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/)
  .register(wordings, { expected: 'letters, digits and hyphens, at most 63 characters', type: 'DNS label', example: 'shop-web' })

/** `/health` */
export const urlPath = z.string().regex(/^\//).register(wordings, { expected: 'a path that begins with /', type: 'path', example: '/' })

/** An environment variable's name; secrets are read from there and never stand in the file. */
export const environmentVariable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .register(wordings, {
    expected: 'the name of an environment variable, such as INFLUX_TOKEN',
    type: 'environment variable',
    example: 'INFLUX_TOKEN',
    concealed: true,
  })

/** Five cron fields; what they mean is checked where windows are. */
export const cronFields = z
  .string()
  .min(1)
  .register(wordings, { expected: "five cron fields in quotes, such as '0 2 * * 0'", type: 'cron', example: '0 2 * * 0' })

/** An IANA time zone. */
export const timeZone = z
  .string()
  .min(1)
  .register(wordings, { expected: 'an IANA time zone such as Europe/Berlin', type: 'time zone', example: 'UTC' })

/** A calendar day. */
export const day = z.iso.date().register(wordings, { expected: 'a day such as 2026-01-31', type: 'day', example: '2026-01-31' })
