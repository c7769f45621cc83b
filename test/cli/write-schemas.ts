/** Writes the published schemas from the code: node test/cli/write-schemas.ts && npx biome format --write config */
import { writeFile } from 'node:fs/promises';
import { configJsonSchema } from '#agent/cli/config-schema.ts';
import { statusJsonSchema } from '#agent/status/snapshot.ts';

const files = {
  'config/agent.schema.json': configJsonSchema(),
  'config/status.schema.json': statusJsonSchema(),
};
for (const [file, schema] of Object.entries(files)) {
  await writeFile(file, `${JSON.stringify(schema, undefined, 2)}\n`);
}
