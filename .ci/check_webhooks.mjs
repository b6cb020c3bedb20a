// Verifies what was sent: `v1` with the npm library of the standard, which knows no other, and `v1a` with node's own
// Ed25519: node check_webhooks.mjs FOLDER DUMP
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, dump] = process.argv.slice(2);
const { Webhook } = createRequire(`${folder}/`)("standardwebhooks");
const all = JSON.parse(readFileSync(dump, "utf8"));
if (all.length === 0) throw new Error("nothing was sent");

function holds(publicKey, headers, body) {
    const x = Buffer.from(publicKey.replace(/^whpk_/, ""), "base64").toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
    const found = headers["webhook-signature"].split(" ").filter((one) => one.startsWith("v1a,"));
    return found.length === 1 && verify(null, signed, key, Buffer.from(found[0].slice(4), "base64"));
}

for (const { secret, public_key, headers, body } of all) {
    new Webhook(secret).verify(body, headers);
    let refused = false;
    try {
        new Webhook(secret).verify(body + " ", headers);
    } catch {
        refused = true;
    }
    if (!refused) throw new Error("another body was taken");
    if (!holds(public_key, headers, body)) throw new Error("v1a does not hold");
    if (holds(public_key, headers, body + " ")) throw new Error("v1a holds for another body");
}
console.log(`the npm library verified ${all.length} signatures and node as many v1a, and both refused what does not hold`);
