// Asks the official AsyncAPI parser whether a file is valid; prints each complaint.
//
//     node validate_asyncapi.mjs ../../contracts/generated/asyncapi.json
//
// The parser leaves out the messages' examples, so those are held against their schemas here.
// Exits with 1 when there is an error. Warnings and hints are printed, and let pass.
import { readFile } from "node:fs/promises";
import process from "node:process";

import { DiagnosticSeverity, Parser } from "@asyncapi/parser";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const [path] = process.argv.slice(2);
const source = await readFile(path, "utf8");
const { document, diagnostics } = await new Parser().parse(source, { source: path });

for (const { severity, path: where, message } of diagnostics) {
  console.log(`${DiagnosticSeverity[severity]} at ${where.join(".")}: ${message}`);
}
let errors = diagnostics.filter(({ severity }) => severity === DiagnosticSeverity.Error).length;

if (document) {
  // The parser adds members of its own, x-parser-*, to each schema: hence not strict.
  const ajv = addFormats(new Ajv({ strict: false }));
  for (const message of document.allMessages()) {
    for (const example of message.examples()) {
      for (const part of ["headers", "payload"]) {
        if (!ajv.validate(message[part]().json(), example[part]())) {
          console.log(`Error in an example of ${message.name()}: ${part}${ajv.errorsText()}`);
          errors += 1;
        }
      }
    }
  }
  console.log(`${document.operations().length} operations, ${document.channels().length} channels`);
}
console.log(`${errors} errors`);
process.exitCode = errors === 0 && document ? 0 : 1;
