// Verifies what was sent with the npm library of the standard: node check_webhooks.mjs FOLDER DUMP
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, dump] = process.argv.slice(2);
const { Webhook } = createRequire(`${folder}/`)("standardwebhooks");
const all = JSON.parse(readFileSync(dump, "utf8"));
if (all.length === 0) throw new Error("nothing was sent");
for (const { secret, headers, body } of all) {
    new Webhook(secret).verify(body, headers);
    let refused = false;
    try {
        new Webhook(secret).verify(body + " ", headers);
    } catch {
        refused = true;
    }
    if (!refused) throw new Error("another body was taken");
}
console.log(`the npm library verified ${all.length} signatures, and refused as many that do not hold`);
