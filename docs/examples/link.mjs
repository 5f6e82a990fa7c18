// Registers a document and links it over RabbitMQ, then waits to hear of the link.
import { randomBytes } from "node:crypto";
import amqp from "amqplib";

const BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const digits = (n, count) => (count ? digits(n / 32n, count - 1) + BASE32[Number(n % 32n)] : "");
const ulid = () => digits(BigInt(Date.now()), 10) + digits(BigInt("0x" + randomBytes(10).toString("hex")), 16);
const WORKSPACE = process.env.DOCLINK_WORKSPACE ?? "ws_123";
const command = (payload) => ({
  command_id: `cmd_${ulid()}`,
  workspace_id: WORKSPACE,
  actor: "usr_01HW0",
  ...payload,
});

const connection = await amqp.connect(process.env.DOCLINK_AMQP_URL);
const channel = await connection.createConfirmChannel();
const { queue } = await channel.assertQueue("", { exclusive: true });
await channel.bindQueue(queue, "doclink.events", "link.created");

const register = command({ name: "Acme-NDA.pdf", mime_type: "application/pdf", storage_path: `workspaces/${WORKSPACE}/${ulid()}.pdf` });
const document_id = register.command_id.replace("cmd_", "doc_"); // ids are derived, not drawn
const link = command({ document_id, entity_type: "deal", entity_id: "deal_01HY1", role: "signed" });

await channel.consume(queue, async (message) => {
  const event = JSON.parse(message.content); // a CloudEvent
  if (event.data.document_id !== document_id) return;
  console.log(JSON.stringify(event, null, 2));
  await connection.close();
}, { noAck: true });

for (const [key, body] of [["document.register", register], ["link.create", link]]) {
  channel.publish("doclink.commands", key, Buffer.from(JSON.stringify(body)), {
    contentType: "application/json", persistent: true, mandatory: true,
  });
}
await channel.waitForConfirms(); // returns when RabbitMQ has them safe
