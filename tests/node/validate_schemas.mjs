// Reads each JSON Schema of a folder as strictly as another language would, with its examples.
//
//     node validate_schemas.mjs ../../contracts/generated/schemas
//
// Ajv compiles patterns as ECMA 262 with the `u` flag, which is what JSON Schema asks for, and
// refuses keywords that it does not know. Exits with 1 when there is an error.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import addFormats from "ajv-formats";
import Ajv2020 from "ajv/dist/2020.js";

const [folder] = process.argv.slice(2);
const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
let errors = 0;

for (const name of names) {
  try {
    const schema = JSON.parse(await readFile(join(folder, name), "utf8"));
    const ajv = addFormats(new Ajv2020());
    const validate = ajv.compile(schema);
    for (const example of schema.examples) {
      if (!validate(example)) throw new Error(ajv.errorsText(validate.errors));
    }
  } catch (error) {
    console.log(`Error in ${name}: ${error.message}`);
    errors += 1;
  }
}
console.log(`${names.length} schemas, ${errors} errors`);
process.exitCode = errors === 0 && names.length > 0 ? 0 : 1;
