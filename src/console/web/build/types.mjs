// Writes src/api/schema.d.ts from the API's document as it is committed. The file is made, never
// committed: it cannot differ from the document, and the compiler says where a screen does.
import { readFileSync, writeFileSync } from 'node:fs';

import openapiTS, { astToString } from 'openapi-typescript';

const snapshot = new URL(
  '../../../../tests/api/snapshots/api__document__openapi.snap',
  import.meta.url,
);
const text = readFileSync(snapshot, 'utf8');
// The snapshot has a head between two lines of dashes.
const document = JSON.parse(text.slice(text.indexOf('\n---\n', 3) + 5));
// The document says of each path what it takes and gives; who may ask it, the server says.
const ast = await openapiTS(document, { alphabetize: true });
writeFileSync(new URL('../src/api/schema.d.ts', import.meta.url), astToString(ast));
