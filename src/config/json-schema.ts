import { z } from 'zod'

/**
 * JSON Schema of a file as it is written, for completion, hover texts and checks while typing: draft 07, which editors' YAML support reads.
 * @param title  the file's name
 * @returns the file's text, the same for the same schema
 */
export function jsonSchemaText(schema: z.ZodType, title: string): string {
  const generated = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // The library's bounds of safe integers say nothing to a person.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return `${JSON.stringify({ $schema: generated.$schema, title, ...generated }, null, 2)}\n`
}
